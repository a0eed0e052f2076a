/**
 * Sentences that define or state a plain fact → the question that they answer. Few shapes, each of which turns into a
 * question by moving words only; a subject that needs the text around it ("it", "the other one") is never asked about.
 */
import type { Language } from "@lorekeep/core";
import type { Draft } from "./draft-from-tables.ts";
import { lowerFirst } from "./draft-from-tables.ts";

interface Shape {
  readonly pattern: RegExp;
  readonly rule: Draft["rule"];
  /** Subject, then the other groups. null: no natural question after all. */
  readonly ask: (groups: readonly string[], sentence: string) => { question: string; answer: string } | null;
}

const TIME = "(?:(?:at|on|in|from|between|until|by|before|after|every)\\s+[^.;,]*\\d[^.;,]*|daily|weekly|monthly)";
const SUBJECT = "((?:The |A |An |Our )?[\\p{L}\\p{N}][\\p{L}\\p{N}’'\\-]*(?: [\\p{L}\\p{N}’'\\-]+){0,5}?)";
const VAGUE =
  /\b(?:it|its|this|that|these|those|they|them|he|she|his|her|their|there|here|other|another|same|such|who|which|what|one|both|each|all|some|most|many|either|none|nothing|you|we|i|if|when|while|where|then|also|only|and|but|or|not|first|second|third|last|next|as|because|since|so|however|thing|reason|result|example|way|problem|question|answer|goal|point|purpose|idea|difference|case|fact|rest|latter|former|following|above|below|is|are|was|were|has|have|had|will|can|may|must)\b/i;
const PERSON =
  /(?:master|officer|manager|director|captain|head|president|author|owner|deputy|chair(?:man|woman)?|founder|mayor|editor|leader|minister|secretary|teacher|coach|chef|doctor|inventor|king|queen|engineer)$/i;
const PERSON_NAME =
  /^(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?\p{Lu}[\p{L}’'-]+(?: (?:de |van |von |della )?\p{Lu}[\p{L}.’'-]+){1,3}$/u;

const ENGLISH: readonly Shape[] = [
  {
    // X is a kind of Y: the whole sentence defines it.
    pattern: new RegExp(
      `^${SUBJECT} (is|are) ((?:an? |the (?:name|term|process|part|part number|software|program|system|person|place|collection|set)\\b|any |one of ).{10,220})[.]$`,
      "u",
    ),
    rule: "definition",
    ask: ([subject, verb], sentence) => ({ question: `What ${verb} ${inside(subject!)}?`, answer: sentence }),
  },
  {
    pattern: new RegExp(`^${SUBJECT} (?:(stands for|means|refers to) (.{3,200}))[.]$`, "u"),
    rule: "definition",
    ask: ([subject, verb], sentence) => ({
      question: `What does ${inside(subject!)} ${verb === "stands for" ? "stand for" : verb === "means" ? "mean" : "refer to"}?`,
      answer: sentence,
    }),
  },
  {
    // The harbour master is Tobias Renn; the number of X is 12.
    pattern: /^(The [\p{L}\p{N}’' -]{3,60}?) (is|are|was|were) ((?:\p{Lu}|\d)[^,;:]{0,60}?)(?:[;,].*)?[.]$/u,
    rule: "fact",
    ask: ([subject, verb, value]) => {
      const isPerson = PERSON.test(subject!) && PERSON_NAME.test(value!);
      if (!isPerson && !/\d/.test(value!) && !/^\p{Lu}/u.test(value!)) return null;
      return { question: `${isPerson ? "Who" : "What"} ${verb} ${inside(subject!)}?`, answer: value! };
    },
  },
  {
    pattern: new RegExp(
      `^${SUBJECT} (was|were) (founded|built|opened|created|established|introduced|invented|released|completed|born|launched)(?: [^;\\d]{0,60}?)?? in (\\d{4})\\b.*[.]$`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, verb, participle, year]) => ({
      question: `When ${verb} ${inside(subject!)} ${participle}?`,
      answer: year!,
    }),
  },
  {
    pattern: new RegExp(
      `^${SUBJECT} (is|are) (open|closed|available|served|held|published|checked|kept|refunded) (${TIME})[.]$`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, verb, state, time]) => ({ question: `When ${verb} ${inside(subject!)} ${state}?`, answer: time! }),
  },
  {
    pattern: new RegExp(
      `^${SUBJECT} (ends|starts|begins|opens|closes|expires|leaves|departs|arrives)( [^.;,\\d]{0,40}?)? (${TIME})[.]$`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, verb, place = "", time]) => ({
      question: `When does ${inside(subject!)} ${verb!.replace(/s$/, "")}${place}?`,
      answer: time!,
    }),
  },
  {
    pattern: new RegExp(
      `^${SUBJECT} takes ((?:about |around |at most |at least |up to )?\\d[\\d.,]* \\p{L}+)[.;,].*$`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, time]) => ({ question: `How long does ${inside(subject!)} take?`, answer: time! }),
  },
  {
    pattern: new RegExp(`^${SUBJECT} costs? ((?:\\p{Sc}\\s?)?\\d[\\d.,]*(?: \\p{L}+)?)[.;,].*$`, "u"),
    rule: "fact",
    ask: ([subject, price]) => ({ question: `How much does ${inside(subject!)} cost?`, answer: price! }),
  },
];

const ZH_SUBJECT = "([“「《]?[\\p{Script=Han}\\p{L}\\p{N}·\\-“”「」《》]{2,16}?)";
const ZH_VAGUE =
  /^(?:它|他|她|这|那|此|该|其|本|我|你|您|咱|有|如|当|只|但|而|并|也|都|就|不|因|所以|由于|如果|虽|又|还|同|另|最|以上|以下|前者|后者|上述|现任|现在|目前|相对|是否|如何|什么|怎|谁|哪|這|該|當|會|会|能|可|要|在|从|從|对|對|每|一个|一個|主要|目的|原因|结果|問題|问题|第|等|之|计划|預計|预计|将|將|原定|截至|直到|后来|後來|随后|隨後)|(?:的|不|就|也|都|只|还|還|又|才|并|正|便|则|則|即|而|可以|应该|主要|通常|一般|一直|仍|已|曾|往往|这些|那些|时|時|上|下|中|或|和|与|及|同时|仅|但|可能|可|们|它|他|她|其|谁|什么|哪些|原因|目的|特点|問題|问题)$|这|那|它|他们|其中/u;

const CHINESE: readonly Shape[] = [
  {
    pattern: new RegExp(`^${ZH_SUBJECT}(?:是指|指的是|，?是一[种種个個项項类類款家所座部本位份])(.{4,120})[。]$`, "u"),
    rule: "definition",
    ask: ([subject], sentence) =>
      /(?:母亲|父亲|妻子|丈夫|儿子|女儿|母親|父親|妻子|兒子|女兒)$/u.test(subject!)
        ? null
        : { question: `${subject}是什么？`, answer: sentence },
  },
  {
    pattern: new RegExp(`(?:^|；)${ZH_SUBJECT}(?:是|为|為)([\\p{Script=Han}\\p{L}\\p{N}·\\-:：. ]{2,40})[，。；]`, "u"),
    rule: "fact",
    ask: ([subject, value]) => {
      if (/(?:长|員|员|师|師|经理|主任|总裁|负责人|校长|作者|创始人|会长)$/u.test(subject!))
        return /[·]|^[\p{Script=Han}]{2,4}$/u.test(value!) ? { question: `${subject}是谁？`, answer: value! } : null;
      if (/(?:时间|日期|時間)$/u.test(subject!)) return { question: `${subject}是什么时候？`, answer: value! };
      if (
        /(?:电话|電話|号码|號碼|数|數|人口|面积|面積|容量|价|價|费|費|长度|高度|温度|速度|重量|零件号|编号|网址|邮箱)$/u.test(
          subject!,
        )
      )
        return /\d|[一二三四五六七八九十百千万亿]/u.test(value!)
          ? { question: `${subject}是多少？`, answer: value! }
          : null;
      return /^\p{Script=Han}{2,8}$/u.test(subject!) &&
        /(?:首都|首府|总部|地点|名称|全称|简称|主题|职责|学名|单位)$/u.test(subject!)
        ? { question: `${subject}是什么？`, answer: value! }
        : null;
    },
  },
  {
    pattern: new RegExp(
      `(?:^|；)${ZH_SUBJECT}(建|成立|创建|始建|创立|設立|设立)于(\\d{4}年(?:\\d{1,2}月)?(?:\\d{1,2}日)?)`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, verb, time]) => ({
      question: `${subject}${verb}于${/月/.test(time!) ? "什么时候" : "哪一年"}？`,
      answer: time!,
    }),
  },
  {
    pattern: new RegExp(
      `(?:^|；)${ZH_SUBJECT}(?:[^，。；\\d]{0,12})?于(\\d{4}年(?:\\d{1,2}月)?(?:\\d{1,2}日)?)(投入运营|投入運營|成立|创办|創辦|建成|开业|開業|通车|启用|发布|出版|上映|开放|逝世|去世|出生|毕业|完工|竣工|开通)`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, time, verb]) => ({
      question: `${subject}是${/月/.test(time!) ? "什么时候" : "哪一年"}${verb}的？`,
      answer: time!,
    }),
  },
  {
    pattern: new RegExp(
      `(?:^|；)${ZH_SUBJECT}(需要|需|航行|历时|持续|耗时)(\\d[\\d.]*(?:个)?(?:秒|分钟|小时|天|日|周|个月|月|年))[，。；]`,
      "u",
    ),
    rule: "fact",
    ask: ([subject, verb, time]) => ({ question: `${subject}${verb}多长时间？`, answer: time! }),
  },
];

export function draftFromSentences(sentences: readonly string[], language: Language): Draft[] {
  const shapes = language === "zh" ? CHINESE : ENGLISH;
  return sentences.flatMap((sentence) => {
    for (const shape of shapes) {
      const match = shape.pattern.exec(sentence);
      if (match === null || isVague(match[1]!, language)) continue;
      const asked = shape.ask(match.slice(1), sentence);
      if (asked !== null) return [{ ...asked, rule: shape.rule }];
    }
    return [];
  });
}

function isVague(subject: string, language: Language): boolean {
  if (language === "zh")
    return ZH_VAGUE.test(subject) || !/\p{Script=Han}|\p{L}{2}/u.test(subject) || !isPaired(subject);
  return VAGUE.test(subject) || /(?:ed|ly)$|^(?!The |An? |Our ).*ing\b/u.test(subject) || !/\p{L}{2}/u.test(subject);
}

const isPaired = (text: string): boolean =>
  ["“”", "「」", "《》"].every(([open, close]) => text.split(open!).length === text.split(close!).length);

/** A subject inside a question: its article or common word in lower case, names as they are. */
const inside = (subject: string): string => (/^(?:The|A|An|Our) /.test(subject) ? lowerFirst(subject) : subject);
