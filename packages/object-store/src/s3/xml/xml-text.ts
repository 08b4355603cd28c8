const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Text of an element with its references resolved (XML 1.0 section 4.1); what is no reference stays as it is. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** Text for the inside of an element. Control characters as references, as S3 itself writes them. */
export function encodeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\p{Cc}]/gu, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`);
}

/**
 * The text of the first element of a name, undefined when there is none. S3's answers are flat and know no attributes
 * but the namespace, so that they can be read by searching.
 */
export function elementText(xml: string, name: string): string | undefined {
  const content = elementContent(xml, name, 0);
  return content === undefined ? undefined : decodeXml(xml.slice(content.start, content.end));
}

/** The contents of all elements of a name, unresolved. */
export function elementContents(xml: string, name: string): string[] {
  const contents: string[] = [];
  let from = 0;
  for (;;) {
    const content = elementContent(xml, name, from);
    if (content === undefined) return contents;
    contents.push(xml.slice(content.start, content.end));
    from = content.end;
  }
}

function elementContent(
  xml: string,
  name: string,
  from: number,
): { start: number; end: number } | undefined {
  let open = xml.indexOf(`<${name}`, from);
  // `<Key` is also the beginning of `<KeyCount>`.
  while (open >= 0 && !/^[\s/>]/.test(xml.slice(open + name.length + 1, open + name.length + 2))) {
    open = xml.indexOf(`<${name}`, open + 1);
  }
  const start = open < 0 ? -1 : xml.indexOf('>', open) + 1;
  if (start <= 0) return undefined;
  if (xml[start - 2] === '/') return { start, end: start };
  const end = xml.indexOf(`</${name}>`, start);
  return end < 0 ? undefined : { start, end };
}
