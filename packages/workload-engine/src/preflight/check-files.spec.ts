import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import {
  errorsOf,
  findingsOf,
  findingsOfPlan,
  GET,
  PUT,
  troublesOf,
} from '../testing/run-checks.ts';
import { planOf } from '../testing/run-plan.ts';
import { checkFiles } from './check-files.ts';

const isRoot = process.getuid?.() === 0;
const PREPARE = 'prepare: {ensure_objects: [{base_uri: data/, count: 3, size_spec: 1}]}';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

/** Names, modes, contents and times below the directory: what must be the same afterwards. Directories may be written to. */
function snapshot(): string[] {
  return readdirSync(directory.path, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(directory.path, name);
      const stats = statSync(path);
      const content = stats.isFile() ? [stats.mtimeMs, readFileSync(path, 'utf8')] : [];
      return [name, stats.mode, ...content].join(' ');
    });
}

describe('checks of files', () => {
  it('pass for a directory that can be written, and leave nothing in it', async () => {
    expect(await errorsOf(`target: file://${directory.path}/\n${PUT}`)).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('look at everything that a run which writes needs, each as a check of its own', async () => {
    writeFileSync(join(directory.path, 'x-1'), '');
    const mixed = `${GET.replace('x-*', 'x-1')}\n`.replace(
      ']',
      ', {op: put, path: n/, object_size: 1, weight: 1}]',
    );
    const plan = planOf(`target: direct://${directory.path}/\n${mixed}`);
    const checked: string[] = [];
    await checkFiles({
      ...{ plan, probeId: 'a1', signal: new AbortController().signal },
      onFinding: () => undefined,
      onChecking: (what) => checked.push(what.split(' ')[0] ?? ''),
    });
    expect([...new Set(checked)]).toEqual([
      ...['safety', 'stat', 'ownership', 'mount', 'list', 'read'],
      ...['write', 'mkdir', 'delete', 'o-direct', 'disk-space'],
    ]);
  });

  it('say as whom they run, whose the directory is, and on which mount', async () => {
    const findings = await findingsOf(`target: file://${directory.path}/\n${PUT}`);
    const uid = String(process.getuid?.());
    expect(findings).toMatchObject(
      expect.arrayContaining(
        [
          ['identity', `uid ${uid}`],
          ['ownership', `belongs to uid ${uid}`],
          ['mount', 'on /'],
          ['disk-space', 'free'],
        ].map(([check, text]) =>
          expect.objectContaining({
            check,
            level: 'info',
            message: expect.stringContaining(text ?? ''),
          }),
        ),
      ),
    );
  });

  it('touch nothing that was there before, and leave nothing, whatever they find', async () => {
    mkdirSync(join(directory.path, 'n'));
    mkdirSync(join(directory.path, 'data'));
    for (const name of ['x-1', 'n/old', 'data/prepared-00000000.dat']) {
      writeFileSync(join(directory.path, name), `content of ${name}`);
    }
    const before = snapshot();
    const huge =
      'prepare: {ensure_objects: [{base_uri: data/, count: 1_000_000, size_spec: 1TiB}]}';
    for (const scheme of ['file', 'direct']) {
      for (const rest of [PUT, GET, `${PREPARE}\n${PUT}`, `${huge}\n${PUT}`]) {
        await findingsOf(`target: ${scheme}://${directory.path}/\n${rest}`);
      }
    }
    expect(snapshot()).toEqual(before);
  });

  it('leave a file alone that has the name of a probe', async () => {
    const probe = '.sai3bench-preflight-a1b2c3.check.agent-1.file';
    writeFileSync(join(directory.path, probe), 'not ours');
    expect(await errorsOf(`target: file://${directory.path}/\n${PUT}`)).toMatchObject([
      { check: 'write', message: expect.stringContaining('EEXIST') },
    ]);
    expect(readFileSync(join(directory.path, probe), 'utf8')).toBe('not ours');
  });

  it('begin nothing any more once they are to end', async () => {
    const plan = planOf(`target: file://${directory.path}/\n${PUT}`);
    const findings = await findingsOfPlan(plan, AbortSignal.abort());
    expect(findings.map(({ check }) => check)).toEqual(['identity']);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('do not get in the way of the checks of other agents on the same storage', async () => {
    const yaml = `target: file://${directory.path}/\n${PUT}`;
    const errors = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const findings = await findingsOfPlan(planOf(yaml, 20, {}, index));
        return findings.filter(({ level }) => level === 'error');
      }),
    );
    expect(errors.flat()).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('look at every path of the plan, not only at the first', async () => {
    const other = join(directory.path, 'file');
    writeFileSync(other, '');
    const yaml = `target: file://${directory.path}/
duration: 1s
workload:
  - {op: put, path: n/, object_size: 1, weight: 1}
  - {op: put, path: "file://${other}/x/", object_size: 1, weight: 1}
  - {op: get, path: "file:///etc/ssl/*", weight: 1}
`;
    expect(await errorsOf(yaml)).toMatchObject([
      { check: 'safety', target: 'file:///etc/ssl/' },
      { check: 'stat', target: `file://${other}/x/` },
    ]);
  });

  it('look at every endpoint', async () => {
    const missing = `file://${directory.path}/missing/`;
    const endpoints = `multi_endpoint: {endpoints: ["file://${directory.path}/", "${missing}"]}`;
    expect(await errorsOf(`${endpoints}\n${GET}`)).toMatchObject([
      { check: 'stat', target: missing },
    ]);
  });

  it('let a pattern match nothing that prepare has yet to make', async () => {
    const get = 'duration: 1s\nworkload: [{op: get, path: "data/*", weight: 1}]';
    expect(await errorsOf(`target: file://${directory.path}/\n${PREPARE}\n${get}`)).toEqual([]);
  });

  it('pass for a directory that will be made, and do not make it', async () => {
    const findings = await findingsOf(`target: file://${directory.path}/a/b/\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings.map(({ message }) => message).join()).toContain('does not exist yet');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('ask nothing of a run that only reads but to read', async () => {
    mkdirSync(join(directory.path, 'data'));
    chmodSync(join(directory.path, 'data'), 0o555);
    const findings = await findingsOf(`target: file://${directory.path}/data/\n${GET}`);
    const checks = findings.map(({ check }) => check);
    for (const check of ['write', 'mkdir', 'delete', 'disk-space']) {
      expect(checks).not.toContain(check);
    }
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('refuse a file where a directory should be', async () => {
    writeFileSync(join(directory.path, 'file'), '');
    expect(await errorsOf(`target: file://${directory.path}/file\n${PUT}`)).toMatchObject([
      { check: 'stat' },
    ]);
  });

  it('refuse a directory that is missing when nothing writes', async () => {
    expect(await errorsOf(`target: file://${directory.path}/missing/\n${GET}`)).toMatchObject([
      { check: 'stat', message: expect.stringContaining('does not exist') },
    ]);
  });

  (isRoot ? it.skip : it)('refuse a directory that cannot be written', async () => {
    mkdirSync(join(directory.path, 'data'));
    chmodSync(join(directory.path, 'data'), 0o555);
    expect(await errorsOf(`target: file://${directory.path}/data/\n${PUT}`)).toMatchObject([
      { check: 'write', class: 'PERM', hint: expect.stringContaining('chmod u+rwx') },
      { check: 'mkdir', class: 'PERM' },
    ]);
  });

  (isRoot ? it.skip : it)('refuse files that cannot be read', async () => {
    writeFileSync(join(directory.path, 'x-1'), '');
    chmodSync(join(directory.path, 'x-1'), 0);
    expect(await errorsOf(`target: file://${directory.path}/\n${GET}`)).toMatchObject([
      { check: 'read', class: 'PERM', hint: expect.stringContaining('chmod') },
    ]);
  });
});

describe('the safety of paths', () => {
  it.each([
    ['/etc/x/', 'lies in a directory of the system'],
    ['/proc/', 'lies in a directory of the system'],
    ['/', 'lies in a directory of the system'],
  ])('refuses %s', async (path, why) => {
    expect(await errorsOf(`target: file://${path}\n${PUT}`)).toMatchObject([
      { check: 'safety', class: 'CONFIG', message: expect.stringContaining(why) },
    ]);
  });

  it('is judged by whole parts: /etcetera is not /etc', async () => {
    const errors = await errorsOf(`target: file:///etcetera-missing/\n${GET}`);
    expect(errors.map(({ check }) => check)).toEqual(['stat']);
  });

  it('is that of where symbolic links lead', async () => {
    symlinkSync('/etc', join(directory.path, 'harmless'));
    expect(await errorsOf(`target: file://${directory.path}/harmless/x/\n${PUT}`)).toMatchObject([
      { check: 'safety', message: expect.stringContaining('which leads to /etc/x') },
    ]);
  });

  it('of directories of other programs is worth a warning', async () => {
    const findings = await findingsOf(`target: file:///var/lib/\n${GET}`);
    expect(findings).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ level: 'warning', check: 'safety', class: 'CONFIG' }),
      ]),
    );
  });

  it('of a device is no matter of safety', async () => {
    expect(await errorsOf(`target: file:///dev/null/x/\n${PUT}`)).toMatchObject([
      { check: 'stat', message: expect.stringContaining('/dev/null is not a directory') },
    ]);
  });
});

describe('the check of O_DIRECT', () => {
  it('is made where it is asked for, and leaves nothing', async () => {
    const findings = await findingsOf(`target: direct://${directory.path}/\n${PUT}`);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings.map(({ check }) => check)).toContain('o-direct');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('is not made where it is not', async () => {
    const findings = await findingsOf(`target: file://${directory.path}/\n${PUT}`);
    expect(findings.map(({ check }) => check)).not.toContain('o-direct');
  });
});

describe('the check of free space', () => {
  const bytesOf = (yaml: string) => troublesOf(`target: file://${directory.path}/\n${yaml}`);

  it('refuses more data than there is room for', async () => {
    const prepare = 'prepare: {ensure_objects: [{count: 1_000_000, size_spec: 1TiB}]}';
    expect(await bytesOf(prepare)).toMatchObject([
      { level: 'error', check: 'disk-space', class: 'RESOURCE' },
    ]);
  });

  it('adds up the pools of all stores on one file system', async () => {
    const { bavail, bsize } = statfsSync(directory.path);
    const half = String(Math.floor((bavail * bsize) / 1.7));
    const entry = (base: string): string => `{base_uri: ${base}, count: 1, size_spec: ${half}}`;
    expect(await bytesOf(`prepare: {ensure_objects: [${entry('a/')}]}`)).toEqual([]);
    const other = join(directory.path, 'other');
    const both = `[${entry('a/')}, ${entry(`"file://${other}/"`)}]`;
    expect(await bytesOf(`prepare: {ensure_objects: ${both}}`)).toMatchObject([
      { level: 'error', check: 'disk-space' },
    ]);
  });

  it('counts what several endpoints show once', async () => {
    const { bavail, bsize } = statfsSync(directory.path);
    const size = String(Math.floor((bavail * bsize) / 1.7));
    symlinkSync(directory.path, join(directory.path, 'again'));
    const endpoints = `multi_endpoint: {endpoints: ["file://${directory.path}/", "file://${directory.path}/again/"]}`;
    const prepare = `prepare: {ensure_objects: [{count: 1, size_spec: ${size}}]}`;
    expect(await troublesOf(`${endpoints}\nconcurrency: 2\n${prepare}`)).toEqual([]);
  });

  it.each([
    [true, 'error'],
    [false, 'info'],
  ])('counts what all agents write where storage is shared (%s)', async (isShared, level) => {
    const { bavail, bsize } = statfsSync(directory.path);
    const size = String(Math.floor((bavail * bsize) / 1.7));
    const yaml = `target: file://${directory.path}/
distributed: {shared_filesystem: ${String(isShared)}}
prepare: {ensure_objects: [{count: ${isShared ? '2' : '1'}, size_spec: ${size}}]}`;
    const findings = await findingsOfPlan(planOf(yaml, 2));
    expect(findings.find(({ check }) => check === 'disk-space')).toMatchObject({ level });
  });

  it('warns of little room', async () => {
    const { bavail, bsize } = statfsSync(directory.path);
    const size = String(Math.floor((bavail * bsize) / 1.1));
    expect(
      await bytesOf(`prepare: {ensure_objects: [{count: 1, size_spec: ${size}}]}`),
    ).toMatchObject([
      { level: 'warning', check: 'disk-space', message: expect.stringContaining('little more') },
    ]);
  });

  it('asks for no room for objects that are there already', async () => {
    const prepare = 'prepare: {ensure_objects: [{base_uri: data/, count: 2, size_spec: 1000TiB}]}';
    mkdirSync(join(directory.path, 'data'));
    for (const index of [0, 1]) {
      writeFileSync(join(directory.path, 'data', `prepared-0000000${String(index)}.dat`), '');
    }
    expect(await bytesOf(prepare)).toEqual([]);
  });

  it('counts an object for each PUT in flight, and says that they write more', async () => {
    const put =
      'duration: 1s\nconcurrency: 4\nworkload: [{op: put, path: n/, object_size: 1000TiB, weight: 1}]';
    expect(await bytesOf(put)).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ level: 'error', check: 'disk-space' })]),
    );
    const findings = await findingsOf(`target: file://${directory.path}/\n${PUT}`);
    const space = findings.find(({ check }) => check === 'disk-space');
    expect(space?.message).toContain('its PUTs more');
  });
});
