/** Changing a search filter one condition at a time, and naming its conditions. A condition without values is no condition. */
import { filterSchema, type MetadataCondition, type SearchFilter } from "@lorekeep/core";

export const NO_FILTER: SearchFilter = {};
/** Facets whose conditions are lists of texts. */
export type ListFacet = "tags" | "folders" | "languages" | "mediaTypes" | "documentIds";
export type Scalar = string | number | boolean;

const MANY = { maximum: 50 };

function without<Key extends keyof SearchFilter>(filter: SearchFilter, ...keys: Key[]): SearchFilter {
  return Object.fromEntries(Object.entries(filter).filter(([key]) => !keys.includes(key as Key))); // fewer keys of the same
}

export const chosenOf = (filter: SearchFilter, facet: ListFacet): readonly string[] => filter[facet] ?? [];

export function toggle(filter: SearchFilter, facet: ListFacet, value: string): SearchFilter {
  const chosen = chosenOf(filter, facet);
  const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
  if (next.length > MANY.maximum) return filter;
  // The values come from facets, so they are of the schema's kind; the parse proves it.
  return next.length === 0 ? without(filter, facet) : filterSchema.parse({ ...filter, [facet]: next });
}

/** Day pickers speak of days of the reader, both included; null = open. */
export function setDays(filter: SearchFilter, days: { from: string | null; until: string | null }): SearchFilter {
  const start = days.from === null ? null : startOfDay(days.from);
  const end = days.until === null ? null : startOfDay(days.until, 1);
  return {
    ...without(filter, "createdAfter", "createdBefore"),
    // The condition is exclusive, and times have milliseconds.
    ...(start === null ? {} : { createdAfter: new Date(start - 1).toISOString() }),
    ...(end === null ? {} : { createdBefore: new Date(end).toISOString() }),
  };
}

/** What the day pickers show for a filter. */
export function daysOf({ createdAfter, createdBefore }: SearchFilter): { from: string | null; until: string | null } {
  return {
    from: createdAfter === undefined ? null : localDay(Date.parse(createdAfter) + 1),
    until: createdBefore === undefined ? null : localDay(Date.parse(createdBefore) - 1),
  };
}

/** null while the day is half typed. */
function startOfDay(day: string, plus = 0): number | null {
  const [year, month, date] = day.split("-").map(Number);
  const start = new Date(year ?? NaN, (month ?? NaN) - 1, (date ?? NaN) + plus).getTime();
  return Number.isNaN(start) ? null : start;
}

function localDay(time: number): string {
  const at = new Date(time);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export const setBucket = (filter: SearchFilter, bucket: { after: string; before: string } | null): SearchFilter => ({
  ...without(filter, "createdAfter", "createdBefore"),
  ...(bucket === null ? {} : { createdAfter: bucket.after, createdBefore: bucket.before }),
});

/** Every metadata condition in its long form. */
export function conditionOf(filter: SearchFilter, key: string): Exclude<MetadataCondition, Scalar> {
  const condition = filter.metadata?.[key];
  if (condition === undefined) return {};
  return typeof condition === "object" ? condition : { in: [condition] };
}

export function setCondition(
  filter: SearchFilter,
  key: string,
  condition: Exclude<MetadataCondition, Scalar>,
): SearchFilter {
  const said = Object.fromEntries(
    Object.entries(condition).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
  const metadata = { ...filter.metadata, [key]: said };
  const kept = Object.fromEntries(
    Object.entries(metadata).filter(([, each]) => typeof each !== "object" || Object.keys(each).length > 0),
  );
  return Object.keys(kept).length === 0 ? without(filter, "metadata") : { ...filter, metadata: kept };
}

export function toggleMetadata(filter: SearchFilter, key: string, value: Scalar): SearchFilter {
  const condition = conditionOf(filter, key);
  const chosen = condition.in ?? [];
  const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
  return setCondition(filter, key, { ...condition, in: next });
}

/** One removable piece of a filter. */
export type Condition =
  | { readonly kind: ListFacet; readonly value: string; readonly removed: SearchFilter }
  | {
      readonly kind: "created";
      readonly from: string | null;
      readonly until: string | null;
      readonly removed: SearchFilter;
    }
  | { readonly kind: "value"; readonly key: string; readonly value: Scalar; readonly removed: SearchFilter }
  | {
      readonly kind: "range";
      readonly key: string;
      readonly low: Scalar | null;
      readonly high: Scalar | null;
      readonly removed: SearchFilter;
    }
  | { readonly kind: "exists"; readonly key: string; readonly exists: boolean; readonly removed: SearchFilter };

/** In the order of the panel; each knows the filter that is left without it. */
export function conditionsOf(filter: SearchFilter): Condition[] {
  const lists = (["documentIds", "tags", "folders", "languages", "mediaTypes"] as const).flatMap((kind) =>
    chosenOf(filter, kind).map((value) => ({ kind, value, removed: toggle(filter, kind, value) })),
  );
  const days = daysOf(filter);
  const dated = days.from === null && days.until === null;
  return [
    ...lists,
    ...(dated ? [] : [{ kind: "created" as const, ...days, removed: setBucket(filter, null) }]),
    ...Object.keys(filter.metadata ?? {}).flatMap((key) => metadataConditions(filter, key)),
  ];
}

function metadataConditions(filter: SearchFilter, key: string): Condition[] {
  const { in: values = [], gte, lte, exists } = conditionOf(filter, key);
  const rest = conditionOf(filter, key);
  return [
    ...values.map((value) => ({ kind: "value" as const, key, value, removed: toggleMetadata(filter, key, value) })),
    ...(gte === undefined && lte === undefined
      ? []
      : [
          {
            ...{ kind: "range" as const, key, low: gte ?? null, high: lte ?? null },
            removed: setCondition(filter, key, { ...rest, gte: undefined, lte: undefined }),
          },
        ]),
    ...(exists === undefined
      ? []
      : [{ kind: "exists" as const, key, exists, removed: setCondition(filter, key, { ...rest, exists: undefined }) }]),
  ];
}

export const isEmptyFilter = (filter: SearchFilter): boolean => Object.keys(filter).length === 0;

/** From the address bar: whatever is no filter is none. */
export const parseFilter = (value: unknown): SearchFilter | undefined => {
  const parsed = filterSchema.safeParse(value);
  return parsed.success && !isEmptyFilter(parsed.data) ? parsed.data : undefined;
};
