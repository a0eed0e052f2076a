/**
 * Questions of daily life and general knowledge that hardly any collection answers, written for this purpose in English and
 * Chinese: what a refusal must catch first. Each has its answer, so that a collection which does hold it is not blamed for it.
 */
import type { Language } from "@lorekeep/core";

export interface OffCorpusQuestion {
  readonly question: string;
  readonly answer: string;
  readonly language: Language;
}

/** question | what an answer would say */
const ENGLISH = `
How long should I boil a soft-boiled egg? | six minutes
Which spices belong in a garam masala? | cardamom
How often should I water a cactus in winter? | once a month
What is a good name for a grey cat? | Smokey
How do I get red wine out of a white carpet? | baking soda
Which country won the football World Cup in 1966? | England
Who sang the song about the yellow submarine? | the Beatles
How many strings does a violin have? | four strings
What is the best season to prune apple trees? | late winter
How do I tie a bow tie? | cross one end over the other
Which planet has the most rings? | Saturn
How many players are on a volleyball team? | six players
What temperature is a cosy bath? | 38 degrees
How do I teach a puppy to sit? | reward it with a treat
What is the capital of Mongolia? | Ulaanbaatar
Who painted the ceiling of the Sistine Chapel? | Michelangelo
How far is the Moon from the Earth? | 384,000 kilometres
Which fruit has its seeds on the outside? | strawberry
How long does it take to fly from London to Tokyo? | fourteen hours
What did the dinosaurs die of? | an asteroid impact
Which instrument did Miles Davis play? | the trumpet
How do bees find their way home? | by the position of the sun
What is the recipe for a lemon drizzle cake? | lemon juice and sugar
How many moves does a knight have on an empty chess board? | eight squares
Why is the sea salty? | minerals washed out of rocks
What should I wear to a wedding in a barn? | a light jacket
How do I stop hiccups? | hold your breath
Which river flows through Budapest? | the Danube
How many rooms does the palace of Versailles have? | 2,300 rooms
What is the plot of Romeo and Juliet? | two lovers of hostile families
How do I change a bicycle tyre? | tyre levers
When do swallows return from the south? | in April
What is the world record in the pole vault? | more than six metres
How much sleep does a newborn baby need? | sixteen hours a day
Which cheese goes on a pizza? | mozzarella
Who was the first woman in space? | Valentina Tereshkova
How do I make paper aeroplanes fly further? | heavier at the front
What is the currency of Thailand? | the baht
Which stars form the belt of Orion? | Alnitak, Alnilam and Mintaka
How do I knit a scarf for a beginner? | garter stitch
`;

const CHINESE = `
溏心蛋要煮几分钟？ | 六分钟
麻婆豆腐需要哪些调料？ | 花椒和豆瓣酱
仙人掌冬天多久浇一次水？ | 一个月一次
怎样教小狗坐下？ | 用零食奖励
白衬衫上的红酒渍怎么洗掉？ | 小苏打
小提琴有几根弦？ | 四根弦
蒙古国的首都是哪里？ | 乌兰巴托
月球离地球有多远？ | 三十八万公里
谁画了《蒙娜丽莎》？ | 达·芬奇
排球比赛每队上场几个人？ | 六个人
苹果树什么时候修剪最好？ | 冬末
为什么海水是咸的？ | 岩石中的矿物质
恐龙是怎么灭绝的？ | 小行星撞击
泰国使用什么货币？ | 泰铢
新生儿每天需要睡多久？ | 十六个小时
第一位进入太空的女性是谁？ | 捷列什科娃
哪条河流经布达佩斯？ | 多瑙河
打嗝怎么停下来？ | 屏住呼吸
围巾用什么针法织起来最简单？ | 平针
国际象棋中马怎么走？ | 走日字
从北京飞到伦敦要多久？ | 十个多小时
燕子什么时候从南方飞回来？ | 春天
披萨上一般放哪种奶酪？ | 马苏里拉
怎样折一架飞得远的纸飞机？ | 机头重一些
太阳系里哪颗行星的光环最明显？ | 土星
《红楼梦》的主人公是谁？ | 贾宝玉
怎么给自行车换内胎？ | 撬胎棒
钢琴一共有多少个键？ | 八十八个
蜜蜂怎样找到回家的路？ | 太阳的位置
端午节为什么要吃粽子？ | 纪念屈原
梅雨季节衣服怎么防潮？ | 除湿袋
哪一年举办了北京奥运会？ | 2008年
猫为什么喜欢纸箱？ | 有安全感
怎样煮一碗好吃的阳春面？ | 猪油和葱花
世界上最高的瀑布在哪里？ | 委内瑞拉
二胡有几根弦？ | 两根弦
做柠檬蛋糕要放多少糖？ | 一百五十克
露营时怎样搭帐篷？ | 打地钉
谁写了《静夜思》？ | 李白
冬天怎么保养皮鞋？ | 鞋油
`;

const read = (table: string, language: Language): OffCorpusQuestion[] =>
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [question, answer] = line.split(" | ");
      return { question: question!, answer: answer!, language };
    });

export const OFF_CORPUS_QUESTIONS: readonly OffCorpusQuestion[] = [...read(ENGLISH, "en"), ...read(CHINESE, "zh")];
