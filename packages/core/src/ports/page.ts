/** Lists that go on: items and where the next ones begin. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
