// The session against a message-level double: who answers whom, and what a dying worker leaves behind.
import { describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../train/recipe';
import { EngineError, type Port, Session } from './client';
import type { Command, Device, Evaluation, Event } from './protocol';

const device: Device = {
  backend: 'wasm',
  adapter: 'SIMD',
  software: false,
  threads: 1,
  note: 'Slow but sure.',
};

/** A port whose far end the test plays. */
function double() {
  const sent: Command[] = [];
  const port: Port = {
    postMessage: (command: Command) => sent.push(command),
    terminate: vi.fn(),
    onmessage: null,
    onmessageerror: null,
    onerror: null,
  };
  const say = (data: Event) => port.onmessage!.call({} as Worker, { data } as MessageEvent<Event>);
  return { port, sent, say };
}

function open() {
  const ends: ReturnType<typeof double>[] = [];
  const heard: Event[] = [];
  const session = new Session(
    (event) => heard.push(event),
    () => {
      const end = double();
      ends.push(end);
      return end.port;
    },
  );
  return { session, ends, heard };
}

describe('Session', () => {
  it('says of a fault whether anybody need hear of it', async () => {
    const { session, ends } = open();
    void session.open('auto');
    const fault = { type: 'error', message: 'gone', remedy: 'none', fatal: false } as const;
    const asked = [session.walk(), session.walk()];
    ends[0]!.say({ ...fault, answers: 'walk', request: 2 });
    ends[0]!.say({ ...fault, answers: 'walk', request: 1, isObsolete: true });
    await expect(asked[0]).rejects.toMatchObject({ message: 'gone', isObsolete: true });
    await expect(asked[1]).rejects.toMatchObject({ isObsolete: false });
  });

  it('starts one worker and answers open with the device', async () => {
    const { session, ends, heard } = open();
    const first = session.open('auto');
    const second = session.open('wasm');
    ends[0]!.say({ type: 'device', device });
    ends[0]!.say({ type: 'device', device: { ...device, threads: 4 } });
    await expect(first).resolves.toEqual(device);
    await expect(second).resolves.toMatchObject({ threads: 4 });
    expect(ends).toHaveLength(1);
    expect(ends[0]!.sent).toEqual([
      { type: 'open', backend: 'auto' },
      { type: 'open', backend: 'wasm' },
    ]);
    expect(heard).toHaveLength(2);
  });

  it('pairs exports with their requests whatever the order', async () => {
    const { session, ends } = open();
    void session.open('wasm').catch(() => {});
    const first = session.export();
    const second = session.export();
    ends[0]!.say({ type: 'exported', request: 2, file: 'b', bytes: new Uint8Array(2) });
    ends[0]!.say({ type: 'exported', request: 1, file: 'a', bytes: new Uint8Array(1) });
    await expect(first).resolves.toMatchObject({ file: 'a' });
    await expect(second).resolves.toMatchObject({ file: 'b' });
  });

  it('takes an evaluation for the one that was asked for', async () => {
    const { session, ends } = open();
    void session.open('wasm').catch(() => {});
    const early = session.evaluate({ protocols: ['fast'] });
    const late = session.evaluate();
    const evaluation: Evaluation = { latent: 'encoded', heldOut: 'test', width: 64 };
    ends[0]!.say({ type: 'evaluated', request: 2, step: 20, evaluation });
    ends[0]!.say({ type: 'evaluated', request: 1, step: 10, evaluation });
    await expect(early).resolves.toMatchObject({ step: 10 });
    await expect(late).resolves.toMatchObject({ step: 20 });
    expect(ends[0]!.sent[1]).toEqual({
      type: 'evaluate',
      request: 1,
      options: { protocols: ['fast'] },
    });
  });

  it('rejects the question that an error answers and goes on', async () => {
    const { session, ends } = open();
    const fault: Event = { type: 'error', message: 'Too large', remedy: 'Use less.', fatal: false };
    const opened = session.open('wasm');
    const prepared = session.prepare({} as Recipe, {} as Dataset);
    ends[0]!.say({ ...fault, answers: 'prepare' });
    await expect(prepared).rejects.toMatchObject({ message: 'Too large', remedy: 'Use less.' });
    // A run that fails by itself answers nothing.
    ends[0]!.say(fault);
    ends[0]!.say({ type: 'device', device });
    await expect(opened).resolves.toEqual(device);
    expect(session.alive).toBe(true);
    expect(ends[0]!.port.terminate).not.toHaveBeenCalled();
  });

  it('ends a worker on a fatal error, rejects all, and starts a fresh one on open', async () => {
    const { session, ends, heard } = open();
    const opened = session.open('webgpu');
    const exported = session.export();
    const checkpoint = new Uint8Array([1, 2, 3]);
    ends[0]!.say({ type: 'error', message: 'Lost', remedy: 'Again.', fatal: true, checkpoint });
    await expect(opened).rejects.toBeInstanceOf(EngineError);
    await expect(exported).rejects.toMatchObject({ fatal: true });
    expect(ends[0]!.port.terminate).toHaveBeenCalledOnce();
    expect(session.alive).toBe(false);
    expect(heard[0]).toMatchObject({ checkpoint });
    expect(() => session.run()).toThrow(EngineError);

    const again = session.open('wasm');
    // What the dead worker still says is not heard.
    ends[0]!.say({ type: 'phase', phase: 'running', step: 9 });
    ends[1]!.say({ type: 'device', device });
    await expect(again).resolves.toEqual(device);
    expect(heard).toHaveLength(2);
  });

  it('turns a crash of the worker into a fatal error', async () => {
    const { session, ends, heard } = open();
    const opened = session.open('wasm');
    ends[0]!.port.onerror!({ message: 'boom' } as ErrorEvent);
    await expect(opened).rejects.toThrow('boom');
    expect(heard[0]).toMatchObject({ type: 'error', fatal: true });
  });

  it('passes commands on as they are', () => {
    const { session, ends } = open();
    void session.open('cpu').catch(() => {});
    session.run();
    session.run(100);
    session.pause();
    session.step();
    session.stop();
    session.reconstruct([1, 2]);
    expect(ends[0]!.sent.slice(1)).toEqual([
      { type: 'run' },
      { type: 'run', until: 100 },
      { type: 'pause' },
      { type: 'step' },
      { type: 'stop' },
      { type: 'reconstruct', indices: [1, 2] },
    ]);
  });

  it('rejects what waits when closed', async () => {
    const { session } = open();
    const opened = session.open('wasm');
    session.close();
    await expect(opened).rejects.toBeInstanceOf(EngineError);
    expect(session.alive).toBe(false);
  });
});
