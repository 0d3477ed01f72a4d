import { commandOf } from '../command.ts';
import { serveMcp } from '../mcp/protocol.ts';
import { McpTools } from '../mcp/tools.ts';
import { version } from '../version.ts';

interface McpCommand {
  readonly python: string;
}

const instructions =
  'Heatline samples Python programs from outside, without changing or restarting them. Use heatline_profile before and after you change code for speed, and heatline_compare to see whether it helped; heatline_stacks for programs that hang.';

export const mcpCommand = commandOf<McpCommand>({
  name: 'mcp',
  summary: 'serve agents: tools of the Model Context Protocol on standard input and output',
  description:
    'For language models’ clients (the Model Context Protocol over standard input and output), which start it themselves: tools that list Python processes, profile a process or a script for some seconds, report the hottest functions and lines with their source, compare two profiles, and show what every thread does now. It opens no connection; what the tools answer goes to the client. Ask yours to confirm heatline_profile: it starts scripts.',
  usage: ['[options]'],
  examples: [['heatline mcp --python .venv/bin/python', 'the command that a client is to start']],
  configure: (command) => command.option('--python <file>', 'what scripts are run with (default: python3)'),
  parse: (given) => {
    given.refuseOperands();
    return { python: given.text('python') ?? 'python3' };
  },
  execute: async ({ python }) => {
    const tools = new McpTools(python);
    try {
      await serveMcp(process.stdin, process.stdout, { version: version(), instructions, tools: tools.tools });
    } finally {
      tools.dispose();
    }
    return 0;
  },
});
