import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';

/** fcntl(2) with F_SETLEASE and F_WRLCK: who opens the file waits until the lease is given back, for 45 s at most. */
const HOLD = `$SIG{IO} = 'IGNORE'; $| = 1; open(F, '+<', $ARGV[0]) or die $!;
  fcntl(F, 1024, 1) or die $!; print "held"; <STDIN> if $ARGV[1];`;

/** A file that hangs whoever opens it, as one of a mount does whose server is gone. */
export class HeldFile {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** Makes the file, and holds it. */
  static async make(path: string): Promise<HeldFile> {
    writeFileSync(path, '');
    const holder = spawn('perl', ['-e', HOLD, path, 'wait'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    return new HeldFile(holder);
  }

  /** Whether this host can hold files. */
  static canHold(path: string): boolean {
    writeFileSync(path, '');
    return spawnSync('perl', ['-e', HOLD, path], { encoding: 'utf8' }).stdout === 'held';
  }

  /** Lets those go on that hang. */
  async release(): Promise<void> {
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await ended;
  }
}
