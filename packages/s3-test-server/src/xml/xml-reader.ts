import { Refusal } from '../refusal/refusal.ts';

/** An element of a small document: what S3's request bodies are made of. Attributes are read over. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Text of this element alone, references resolved. */
  readonly text: string;
}

const PIECE = /<\?[^]*?\?>|<!--[^]*?-->|<(\/?)([^\s/>!?]+)(?:\s[^>]*?)?(\/?)>|([^<]+)/gy;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/** Reads a document without DTD and CDATA. @throws Refusal MalformedXML */
export function readXml(document: string): XmlElement {
  const root: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [root];
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < document.length) {
    const match = PIECE.exec(document);
    const parent = open.at(-1);
    if (match === null || parent === undefined) throw new Refusal('MalformedXML');
    const [, slash, name, selfClosing, text] = match;
    if (text !== undefined) parent.text += resolveReferences(text);
    else if (name !== undefined && slash === '/') {
      open.pop();
      const container = open.at(-1);
      if (container === undefined || parent.name !== name) throw new Refusal('MalformedXML');
      container.children.push(parent);
    } else if (name !== undefined) {
      const element: OpenElement = { name: localName(name), children: [], text: '' };
      if (selfClosing === '/') parent.children.push(element);
      else open.push({ ...element, name });
    }
  }
  const [document_] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || document_ === undefined) {
    throw new Refusal('MalformedXML');
  }
  return document_;
}

/** The text of the first child with this name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g, (_, hex, decimal, name) => {
    if (typeof name === 'string') {
      const character = ENTITIES[name];
      if (character === undefined) throw new Refusal('MalformedXML');
      return character;
    }
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    if (code > 0x10ffff) throw new Refusal('MalformedXML');
    return String.fromCodePoint(code);
  });
}
