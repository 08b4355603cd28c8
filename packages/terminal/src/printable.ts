/**
 * What a terminal obeys instead of showing it: control characters, such as the one that begins a sequence of commands, and
 * those that turn the direction of what follows. Line ends and tabs are not among them.
 */
const COMMANDS = /(?![\n\t])[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

/**
 * A text of which a terminal does nothing but show it, whoever has written it: what it would obey is spelled, as in `\x1b`
 * or `\u202e`. Line ends and tabs stay what they are.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(COMMANDS, spell);
}

/** The same for a text that is to be one line whatever is in it: line ends, with what indents the next line, and tabs become blanks. */
export function printableLine(text: string): string {
  return printable(text).replaceAll(/\n *|\t/g, ' ');
}

/** What a terminal obeys of that which JSON leaves as it is: its writers spell the first 32 characters only. */
const COMMANDS_IN_JSON = /[\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

/** A text of JSON of which a terminal does nothing but show it, and which means the same: what it would obey is escaped. */
export function printableJson(json: string): string {
  return json.replaceAll(
    COMMANDS_IN_JSON,
    (character) => `\\u${hexOf(character).padStart(4, '0')}`,
  );
}

function spell(character: string): string {
  const code = hexOf(character);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
