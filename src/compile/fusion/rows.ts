// Which reductions and small products go along the same rows, and may share a kernel.
import { type Node, sizeOf } from '../graph';
import { variable } from '../indices';
import {
  isReduction,
  type Member,
  productMember,
  reductionMember,
  rowCount,
  rowOf,
} from '../kernel';
import { isLight, leaves, type Place } from '../pull';
import { type Anchor, isAnchor } from './group';

export interface RowLimits {
  /** Multiplications a row up to which a product goes into a row kernel; 0 for never. */
  readonly rowWork: number;
  /** Longest row that a row kernel keeps in private memory. */
  readonly rowLength: number;
}

/** What a member reads of its own row, and what it reads of others. */
interface MemberReads {
  readonly own: readonly Place[];
  readonly matrix: readonly Place[];
}

/** The members that anchors make, and what they read, worked out once. */
export class RowMembers {
  private readonly members = new Map<Node, Member | undefined>();
  private readonly reads = new Map<Member, MemberReads>();

  constructor(private readonly limits: RowLimits) {}

  /** The member of an anchor; undefined for a product of its own. */
  of(node: Anchor): Member | undefined {
    if (!this.members.has(node)) this.members.set(node, this.make(node));
    return this.members.get(node);
  }

  private make(node: Anchor): Member | undefined {
    if (node.kind === 'reduce') return reductionMember(node);
    const member = productMember(node);
    const { depth, inner } = member;
    const { rowWork, rowLength } = this.limits;
    const small = depth * inner <= rowWork && Math.max(depth, inner) <= rowLength;
    return node.shape[0]! > 1 && small ? member : undefined;
  }

  readsOf(member: Member): MemberReads {
    let known = this.reads.get(member);
    if (!known) {
      known = readsOf(member);
      this.reads.set(member, known);
    }
    return known;
  }

  /** Whether members read one another only along their own row. */
  aligned(members: readonly Member[]): boolean {
    const byNode = new Map<Node, Member>(members.map((m) => [m.node, m]));
    return members.every((member) => {
      const { own, matrix } = this.readsOf(member);
      const row = variable('r', rowCount(member));
      return (
        own.every(({ node, at }) => {
          const other = byNode.get(node);
          return !other || rowOf(other, at).key === row.key;
        }) && matrix.every(({ node }) => !byNode.has(node))
      );
    });
  }

  /**
   * Full-size places that a reduction reads, as strings: reductions that share one can share a kernel.
   *
   * @param wanted light nodes that will lie in memory
   */
  sharedPlaces(member: Member, wanted: ReadonlySet<Node>): string[] {
    if (!isReduction(member)) return [];
    const size = rowCount(member) * member.depth;
    const row = variable('r', rowCount(member));
    const at = member.operand(row, variable('d', member.depth));
    const stop = (node: Node) => wanted.has(node);
    return below({ node: member.node.x, at }, stop)
      .filter((place) => sizeOf(place.node.shape) >= size)
      .map((place) => `${place.node.id}@${place.at.map((i) => i.key).join()}`);
  }

  /** For each anchor, one that stands for all that it could share rows with as far as rows alone tell. */
  kin(order: readonly Node[]): (anchor: Node) => Node {
    const parent = new Map<Node, Node>();
    const root = (node: Node): Node => {
      const up = parent.get(node);
      return up && up !== node ? root(up) : node;
    };
    for (const node of order) {
      if (!isAnchor(node)) continue;
      const member = this.of(node);
      if (!member) continue;
      const row = variable('r', rowCount(member));
      for (const place of this.readsOf(member).own) {
        const other = isAnchor(place.node) ? this.of(place.node) : undefined;
        if (!other || rowCount(other) !== rowCount(member)) continue;
        if (rowOf(other, place.at).key === row.key) parent.set(root(node), root(place.node));
      }
    }
    return root;
  }
}

function readsOf(member: Member): MemberReads {
  const row = variable('r', rowCount(member));
  const never = () => false;
  if (isReduction(member)) {
    const at = member.operand(row, variable('d', member.depth));
    return { own: below({ node: member.node.x, at }, never), matrix: [] };
  }
  const k = variable('k', member.inner);
  const position = variable('d', member.depth);
  return {
    own: below({ node: member.node.a, at: member.row(row, k) }, never),
    matrix: below({ node: member.node.b, at: member.matrix(row, position, k) }, never),
  };
}

/** The leaves of a place; the place itself where it is one already. */
const below = (place: Place, stop: (node: Node) => boolean): Place[] =>
  !isLight(place.node) || stop(place.node) ? [place] : leaves(place, stop);
