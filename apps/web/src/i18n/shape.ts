/** The shape that every other language must fill: same keys, any words. A singular form is English's own affair. */
export type Shape<Texts> = {
  readonly [Key in keyof Texts as Key extends `${string}_one` ? never : Key]: Texts[Key] extends string
    ? string
    : Shape<Texts[Key]>;
};
