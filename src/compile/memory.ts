// Where intermediate tensors lie: in a few arenas, each place taken again as soon as nothing reads what was there.
// A kernel never writes to an arena that it reads: WebGPU allows a buffer one kind of use a dispatch.
import { type Node, sizeOf } from './graph';

/** Alignment of a storage binding in bytes that every adapter accepts. */
const ALIGNMENT = 256;

export const alignedBytes = (node: Pick<Node, 'shape'>): number => aligned(4 * sizeOf(node.shape));

export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** What a kernel touches. */
export interface Traffic {
  readonly reads: readonly Node[];
  readonly writes: readonly Node[];
}

export interface MemoryPlan {
  /** Sizes in bytes. */
  readonly arenas: readonly number[];
  readonly slots: ReadonlyMap<Node, { readonly arena: number; readonly offset: number }>;
}

interface Block {
  readonly start: number;
  readonly end: number;
}

class Arena {
  size = 0;
  /** What lies there now, by start. */
  private blocks: Block[] = [];

  /** The lowest gap that holds `bytes`. */
  private gap(bytes: number): number {
    let start = 0;
    for (const block of this.blocks) {
      if (block.start - start >= bytes) return start;
      start = block.end;
    }
    return start;
  }

  /** Bytes by which the arena would grow. */
  growth(bytes: number): number {
    return Math.max(0, this.gap(bytes) + bytes - this.size);
  }

  take(bytes: number): Block {
    const start = this.gap(bytes);
    const block = { start, end: start + bytes };
    const place = this.blocks.findIndex((b) => b.start > start);
    this.blocks.splice(place < 0 ? this.blocks.length : place, 0, block);
    this.size = Math.max(this.size, block.end);
    return block;
  }

  release(block: Block): void {
    this.blocks.splice(this.blocks.indexOf(block), 1);
  }
}

/**
 * Places the nodes that kernels write.
 *
 * @param transient whether a node needs a place here
 * @param kept whether it must still be there at the end
 * @param largest size of an arena in bytes
 */
export function planMemory(
  kernels: readonly Traffic[],
  transient: (node: Node) => boolean,
  kept: (node: Node) => boolean,
  largest = Number.POSITIVE_INFINITY,
): MemoryPlan {
  const lastUse = new Map<Node, number>();
  kernels.forEach(({ reads, writes }, i) => {
    for (const node of [...reads, ...writes]) lastUse.set(node, i);
  });
  const arenas: Arena[] = [];
  const slots = new Map<Node, { arena: number; offset: number }>();
  const held = new Map<Node, { arena: Arena; block: Block }>();
  kernels.forEach(({ reads, writes }, i) => {
    const read = new Set(reads.map((node) => held.get(node)?.arena));
    for (const node of writes) {
      if (!transient(node) || slots.has(node)) continue;
      const bytes = alignedBytes(node);
      let best: Arena | undefined;
      for (const arena of arenas) {
        if (read.has(arena) || arena.size + arena.growth(bytes) > largest) continue;
        if (!best || arena.growth(bytes) < best.growth(bytes)) best = arena;
      }
      if (!best) {
        best = new Arena();
        arenas.push(best);
      }
      const block = best.take(bytes);
      held.set(node, { arena: best, block });
      slots.set(node, { arena: arenas.indexOf(best), offset: block.start });
    }
    for (const node of new Set([...reads, ...writes])) {
      const place = held.get(node);
      if (!place || kept(node) || lastUse.get(node) !== i) continue;
      place.arena.release(place.block);
      held.delete(node);
    }
  });
  return { arenas: arenas.map((a) => a.size), slots };
}
