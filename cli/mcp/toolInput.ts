import { ToolError } from './protocol.ts';

/** What a field of a tool's input has to be: the part of JSON Schema that our tools use, so that what is declared is what is checked. */
export type FieldSchema = { readonly description: string } & (
  | { readonly type: 'integer' | 'number'; readonly minimum: number; readonly maximum: number; readonly default?: number }
  | { readonly type: 'string'; readonly maxLength: number; readonly enum?: readonly string[]; readonly default?: string }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'array'; readonly items: { readonly type: 'string'; readonly maxLength: number }; readonly maxItems: number }
);

export interface InputSchema {
  readonly [key: string]: unknown;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

/** What a tool was given, checked. */
export class ToolInput {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws ToolError for whatever is not as the schema says */
  constructor({ properties, required = [] }: InputSchema, given: unknown) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new ToolError('The input of a tool is an object.');
    const values: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(given)) {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (schema === undefined)
        throw new ToolError(
          `There is no ${JSON.stringify(name.slice(0, 100))}; there are ${Object.keys(properties).join(', ') || 'no fields'}.`,
        );
      const wrong = whatIsWrong(value, schema);
      if (wrong !== undefined) throw new ToolError(`"${name}" has to be ${wrong}.`);
      values[name] = value;
    }
    for (const [name, schema] of Object.entries(properties))
      if ('default' in schema && values[name] === undefined) values[name] = schema.default;
    for (const name of required)
      if (values[name] === undefined) throw new ToolError(`"${name}" is missing: ${properties[name]!.description}`);
    this.#values = values;
  }

  number(name: string): number | undefined {
    return this.#values[name] as number | undefined;
  }

  text(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#values[name] as readonly string[] | undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }
}

/** @returns what it has to be instead */
function whatIsWrong(value: unknown, schema: FieldSchema): string | undefined {
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'string':
      if (schema.enum !== undefined)
        return schema.enum.some((one) => one === value) ? undefined : `one of ${schema.enum.map((one) => `"${one}"`).join(', ')}`;
      return isText(value, schema.maxLength) ? undefined : `a text of 1 to ${schema.maxLength} characters, without NUL`;
    case 'array':
      return Array.isArray(value) && value.length <= schema.maxItems && value.every((item) => isText(item, schema.items.maxLength, true))
        ? undefined
        : `a list of at most ${schema.maxItems} texts`;
    case 'integer':
    case 'number':
      return typeof value === 'number' &&
        value >= schema.minimum &&
        value <= schema.maximum &&
        (schema.type === 'number' || Number.isInteger(value))
        ? undefined
        : `${schema.type === 'integer' ? 'a whole number' : 'a number'} from ${schema.minimum} to ${schema.maximum}`;
  }
}

function isText(value: unknown, maxLength: number, mayBeEmpty = false): boolean {
  return typeof value === 'string' && (mayBeEmpty || value !== '') && value.length <= maxLength && !value.includes('\0');
}
