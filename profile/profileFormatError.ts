/**
 * Data that claims to be a profile and is not one: a broken file, a foreign format, a delta that
 * contradicts what came before. The message says what is wrong, in words for the user.
 */
export class ProfileFormatError extends Error {
  override readonly name = 'ProfileFormatError';
}
