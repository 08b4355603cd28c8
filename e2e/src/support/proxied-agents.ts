import { TcpProxy, temporaryDirectory } from '@sai3bench/testing';
import { type Agent, startAgent } from './programs.ts';

/** An agent, and the proxy by way of which controllers reach it. */
export interface ProxiedAgent extends Agent {
  /** Where controllers reach it: the proxy. */
  readonly address: string;
  readonly proxy: TcpProxy;
  /** Where it listens itself. */
  readonly direct: string;
}

/** Agents of a spec, each behind a proxy of its own. */
export class ProxiedAgents {
  /** Where they keep their temporary files. */
  readonly temporary = temporaryDirectory();
  readonly #started: ProxiedAgent[] = [];

  async start(env: Readonly<Record<string, string>> = {}): Promise<ProxiedAgent> {
    const agent = await startAgent({ TMPDIR: this.temporary.path, ...env });
    const proxy = await TcpProxy.start(agent.address);
    const proxied = { ...agent, address: proxy.address, direct: agent.address, proxy };
    this.#started.push(proxied);
    return proxied;
  }

  async startSome(
    count: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ProxiedAgent[]> {
    return Promise.all(Array.from({ length: count }, () => this.start(env)));
  }

  async stop(): Promise<void> {
    for (const { process } of this.#started) process.kill('SIGCONT');
    await Promise.all(
      this.#started.map(async (agent) => {
        await agent.stop();
        await agent.proxy.stop();
      }),
    );
    this.temporary.remove();
  }
}
