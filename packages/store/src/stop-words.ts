/** Words that say nothing about what a question is about: left out of keyword queries unless nothing else is left. */

export const ENGLISH_STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being below between both but by
can could did do does doing don down during each few for from further had has have having he her here hers herself him
himself his how i if in into is it its itself just ll me more most my myself no nor not now of off on once only or other our
ours ourselves out over own please re s same she should so some such t tell than that the their theirs them themselves then
there these they this those through to too under until up ve very was we were what when where which while who whom why will
with would you your yours yourself yourselves`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Pairs of characters that questions in Chinese are made of. */
export const CHINESE_STOP_PAIRS: ReadonlySet<string> = new Set(
  "什么 怎么 如何 哪些 哪个 哪里 哪儿 多少 为何 为什 是否 请问 是谁 是什 么是 几个 有哪 有什 怎样 么样 可以 能否 我们 你们 他们 这个 那个 这些 那些 是不 不是 吗的 了吗 的是 是的".split(
    " ",
  ),
);
