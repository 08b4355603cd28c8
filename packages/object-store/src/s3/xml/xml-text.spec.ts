import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseListPage } from './list-page.ts';
import { decodeXml, elementContents, elementText, encodeXml } from './xml-text.ts';

describe('XML of S3', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        expect(decodeXml(encodeXml(text))).toBe(text),
      ),
    );
  });

  it.each([
    ['&#x41;&#66;&amp;lt;', 'AB&lt;'],
    ['&unknown; & &#xffffff;', '&unknown; & &#xffffff;'],
  ])('resolves %s', (text, expected) => {
    expect(decodeXml(text)).toBe(expected);
  });

  it('finds elements by their whole name', () => {
    const xml = '<R a="b"><KeyCount>2</KeyCount><Key>x</Key><Key/><Key >y&gt;</Key><Open></R>';
    expect(elementText(xml, 'Key')).toBe('x');
    expect(elementContents(xml, 'Key')).toEqual(['x', '', 'y&gt;']);
    expect(elementText(xml, 'Open')).toBeUndefined();
    expect(elementText(xml, 'Missing')).toBeUndefined();
  });

  it('reads a page whose keys are encoded as in URLs', () => {
    const xml =
      '<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b%2F%01%zz</Key><Size>1</Size></Contents><Contents><Key>a+b%2F</Key></Contents></ListBucketResult>';
    expect(parseListPage(xml)).toEqual({
      objects: [
        { key: 'a+b%2F%01%zz', sizeBytes: 1 },
        { key: 'a b/', sizeBytes: 0 },
      ],
      truncated: false,
      nextToken: undefined,
    });
    expect(parseListPage('<ListBucketResult><Contents>')).toBeUndefined();
  });
});
