/** Words that carry no topic: function words and the vocabulary of asking. English, simplified and traditional Chinese. */
export const ENGLISH_STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also although am among an and another any are as at be became because been before being
  below between both but by can cannot could did do does doing done during each either else ever every few for from
  further get gets give given go had has have having he her here hers him his how however i if in into is it its itself
  just let like many may me might more most much must my no nor not of off often on once one only or other our out over own
  per please rather same shall she should since so some still such tell than that the their them then there these they
  this those though through thus to too under until up upon us use used using very via was we were what when where
  whether which while who whom whose why will with within without would yes you your yours explain describe show find
  list name know s t d ll re ve m don doesn didn isn aren wasn weren hasn haven won`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Whole segments as Intl.Segmenter cuts them, and phrases that it may cut in two. */
export const CHINESE_STOP_WORDS: ReadonlySet<string> = new Set(
  `的 地 得 了 着 過 过 是 在 和 与 與 及 或 或者 以及 而 且 并 並 也 都 又 还 還 就 才 只 很 更 最 被 把 将 將 由 从 從 到 于 於
  对 對 向 为 為 以 之 其 其中 该 該 此 这 這 那 这个 這個 那个 那個 这些 這些 那些 这里 這裡 那里 那裡 它 他 她 它们 它們 他们 他們 她们 她們
  我 你 您 我们 我們 你们 你們 咱们 自己 吗 嗎 呢 吧 啊 呀 么 麼 什么 什麼 甚麼 谁 誰 哪 哪个 哪個 哪些 哪里 哪裡 哪儿 哪一 哪位 何 何时 何時 何处 何處
  何人 为何 為何 如何 怎么 怎麼 怎样 怎樣 怎么样 怎麼樣 为什么 為什麼 为甚麼 多少 几 幾 几个 幾個 多久 多长 多長 多大 多高 什么样 什麼樣 什么时候 什麼時候
  哪年 哪一年 是否 能否 有没有 有沒有 可否 请 請 请问 請問 问 問 告诉 告訴 介绍 介紹 一下 说明 說明 解释 解釋 描述 一 一个 一個 一些 一种 一種 个 個 种 種
  有 没有 沒有 能 可以 可 会 會 要 应该 應該 需要 不 不是 没 沒 等 等等 上 下 中 里 裡 内 內 时 時 时候 時候 后 後 前 所 所以 因为 因為 因此 但 但是 如果 若
  则 則 即 至 让 讓 给 給 用 使用 关于 關於 根据 根據 通过 通過 进行 進行 叫 叫做 称 稱 称为 稱為 做 成 成为 成為 属于 屬於 主要 分别 分別 具体 具體 位 名`
    .split(/\s+/)
    .filter((word) => word !== ""),
);
