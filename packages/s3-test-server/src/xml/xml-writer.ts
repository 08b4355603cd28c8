const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML content. Control characters become references, as S3 writes them. */
function escapeXml(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  let escaped = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    escaped += ESCAPES[character] ?? (code < 0x20 ? `&#x${code.toString(16)};` : character);
  }
  return escaped;
}

/** Anything but what stands for itself. */
const NEEDS_ESCAPE = /[^ !#-%(-;=?-\u{10ffff}]/u;

/** `<name>text</name>` */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${typeof text === 'string' ? escapeXml(text) : String(text)}</${name}>`;
}
