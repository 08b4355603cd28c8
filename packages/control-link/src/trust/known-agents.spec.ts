import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { KnownAgents, knownAgentsFile } from './known-agents.ts';

describe('known agents', () => {
  it('are remembered from one controller to the next', () => {
    using directory = temporaryDirectory();
    const path = knownAgentsFile({ XDG_CONFIG_HOME: directory.path });
    new KnownAgents(path).remember('10.0.0.1:7167', 'AA');
    const next = new KnownAgents(path);
    expect([next.get('10.0.0.1:7167'), next.get('10.0.0.2:7167')]).toEqual(['AA', undefined]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('have the certificate that they showed last', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'known_agents');
    const agents = new KnownAgents(path);
    for (const fingerprint of ['AA', 'BB', 'BB']) agents.remember('a:1', fingerprint);
    expect(readFileSync(path, 'utf8')).toBe('a:1 AA\na:1 BB\n');
    expect(new KnownAgents(path).get('a:1')).toBe('BB');
  });

  it('are not mixed up by lines that make no sense', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'known_agents');
    writeFileSync(path, '\nnonsense\n  b:1   CC  \n');
    expect(new KnownAgents(path).get('b:1')).toBe('CC');
  });

  it('cannot be remembered where nothing can be written, which is an error', () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'file'), '');
    const agents = new KnownAgents(join(directory.path, 'file', 'known_agents'));
    expect(() => {
      agents.remember('a:1', 'AA');
    }).toThrow(expect.objectContaining({ code: 'KNOWN_AGENTS' }));
  });
});
