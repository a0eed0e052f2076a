/**
 * Reverse-mode differentiation (Linnainmaa 1970; Griewank and Walther 2008, chapter 3): the nodes of a graph are walked from
 * the loss back to its inputs; each asks its rule what its inputs change the loss by, and what comes from several uses is
 * added up. The result is more graph, so it is optimised, checked and run like the forward part.
 *
 * Memory. A backward rule needs the forward values, so all of them live until the walk comes by. `checkpoint` (Chen et al.
 * 2016) marks a stretch whose inner values are thrown away and computed again from its inputs when the walk reaches it.
 * A scheduler that is free to reorder would undo both halves of this, hence two false dependencies (`dependOn`): the inputs
 * of a recomputation wait for the gradient that arrives, and the gradient that leaves a stretch waits for the gradients of
 * the parameters within it, so that what they need is freed before the next stretch begins.
 */
import { GRADIENTS } from "./gradients.ts";
import type { Node, Segment, Value } from "./graph.ts";
import { ones } from "./layers.ts";
import { add, dependOn } from "./ops.ts";
import { mismatch } from "./tensor-type.ts";

/** A stretch of the graph from `inputs` to the value that `body` returns. */
export function checkpoint(
  inputs: readonly Value[],
  body: () => Value,
  options: { readonly recompute: boolean } = { recompute: true },
): Value {
  const graph = inputs[0]?.graph;
  if (graph === undefined) throw mismatch("checkpoint", "a segment has inputs");
  return graph.segment(inputs, options.recompute, body);
}

/** d loss / d each of `wrt`, in order and of their shapes. `loss` is a scalar. Throws shape_mismatch; a value that the loss does not depend on is an error. */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.type.dims.length !== 0)
    throw mismatch("gradients", `the loss is [${loss.type.dims.join(",")}], not a scalar`);
  const forward = loss.graph.nodes.slice(0, loss.node.id + 1);
  const walk = new BackwardWalk(activeNodes(forward, wrt), new Set(wrt.map(({ node }) => node)));
  walk.receive(loss, ones(loss));
  for (const node of forward.reverse()) walk.visit(node);
  walk.leaveSegment();
  return wrt.map((value) => walk.gradientOf(value));
}

/** Nodes through which `wrt` reaches anything: the others need no gradient. */
function activeNodes(forward: readonly Node[], wrt: readonly Value[]): ReadonlySet<Node> {
  const active = new Set(wrt.map(({ node }) => node));
  for (const node of forward) if (node.inputs.some((input) => active.has(input.node))) active.add(node);
  return active;
}

class BackwardWalk {
  readonly #active: ReadonlySet<Node>;
  readonly #wanted: ReadonlySet<Node>;
  readonly #gradients = new Map<Node, Value>();
  /** Forward values as the rules see them: recomputed ones inside a checkpointed segment. */
  #replayed = new Map<Node, Value>();
  #segment: Segment | null = null;
  /** Parameters whose gradient arose in the current segment. */
  #arisen = new Set<Node>();

  constructor(active: ReadonlySet<Node>, wanted: ReadonlySet<Node>) {
    this.#active = active;
    this.#wanted = wanted;
  }

  gradientOf(value: Value): Value {
    const gradient = this.#gradients.get(value.node);
    if (gradient === undefined) throw mismatch("gradients", "the loss does not depend on one of the values");
    return gradient;
  }

  /** Adds a contribution: a value used twice changes the loss by the sum of both. */
  receive(value: Value, gradient: Value): void {
    const { node } = value;
    const sofar = this.#gradients.get(node);
    this.#gradients.set(node, sofar === undefined ? gradient : add(sofar, gradient));
    if (this.#wanted.has(node)) this.#arisen.add(node);
  }

  visit(node: Node): void {
    if (!this.#gradients.has(node) || !this.#active.has(node) || node.inputs.length === 0) return;
    const isElsewhere = node.segment !== this.#segment;
    if (isElsewhere) this.leaveSegment();
    // Read only now: what leaves a segment is what this node's output receives, and has just been told to wait.
    const gradient = this.#gradients.get(node)!;
    if (isElsewhere && node.segment !== null) this.#enterSegment(node.segment, gradient);
    const wanted = node.inputs.map((input) => this.#active.has(input.node));
    const contributions = GRADIENTS[node.op]({
      inputs: node.inputs.map((input) => this.#replay(input)),
      output: this.#replay(node.output),
      attributes: node.attributes,
      gradient,
      wanted,
    });
    node.inputs.forEach((input, i) => {
      const contribution = contributions[i];
      if (wanted[i] === true && contribution !== null && contribution !== undefined) this.receive(input, contribution);
    });
  }

  #replay(value: Value): Value {
    return this.#replayed.get(value.node) ?? value;
  }

  #enterSegment(segment: Segment, gradient: Value): void {
    this.#segment = segment;
    if (!segment.recompute) return;
    for (const input of segment.inputs)
      if (this.#active.has(input.node)) this.#replayed.set(input.node, dependOn(input, [gradient]));
    for (const node of segment.nodes) {
      const inputs = node.inputs.map((input) => this.#replay(input));
      this.#replayed.set(node, node.output.graph.append(node.op, inputs, node.output.type, node.attributes));
    }
  }

  /** What leaves waits for the parameters' gradients that arose within. */
  leaveSegment(): void {
    if (this.#segment === null) return;
    const arisen = [...this.#arisen].map((node) => this.#gradients.get(node)!);
    // Without recomputation every value lives from the forward walk on: waiting would free nothing in time.
    for (const input of this.#segment.recompute ? this.#segment.inputs : []) {
      const gradient = this.#gradients.get(input.node);
      if (gradient !== undefined && !this.#wanted.has(input.node))
        this.#gradients.set(input.node, dependOn(gradient, arisen));
    }
    this.#segment = null;
    this.#replayed = new Map();
    this.#arisen = new Set();
  }
}
