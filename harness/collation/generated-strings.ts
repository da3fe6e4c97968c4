/** Strings as applications store them, the same on every run: made of parts by a generator without a clock or a coin. */
export function* generatedStrings(): Generator<string> {
  yield* people();
  yield* identifiers();
  yield* emojiTexts();
  yield* chineseNames();
}

const givenNames =
  'Ana Anna Bo Carlos Chloe Daniel Elif Emma François Gábor Hugo Ines Jiří José Jürgen Kārlis Léa Liam Łukasz Mary Mia Noah Oğuz Ólafur Peter Renée Søren Zoë Žofie'.split(
    ' ',
  );
const familyNames =
  "Adams Brown D'Angelo D’Angelo Gómez Ivanov Kovács La’os la's Lee Müller McDonald O'Brien O’Brien O'Connor O’Connor O'Neill Petrov Quiroga Ruiz Smith Šimić Tamm Ünal van-Dyck VanDyck von Waas Wáng Weber Wilson Virtanen Varga Zhang Åberg Öberg".split(
    ' ',
  );
const words =
  'account admin alpha beta cache co-op coop order order-line orderline resume re-sume résumé user User USER value v1 v10 v2 vice versa vis-à-vis web Web whale x-ray xray'.split(
    ' ',
  );
const emojis = '😀 😂 ❤️ 👍 👍🏽 👩‍💻 🎉 🇸🇪 🇱🇻 🏳️‍🌈 ☕ ✈️ 🐘 🚀 🤖 🧡'.split(' ');
const chineseFamilies =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈';
const chineseGiven =
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉力健俊帆雪琴宁浩然子轩梓涵雨欣诗怡佳思宇晨曦纬繁纹绍终继续';

/** Strings of ASCII's commonest characters in no order. */
export function* randomAsciiStrings(): Generator<string> {
  const random = numbers(1_963);
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.'";
  for (let count = 0; count < 20_000; count += 1) {
    const length = 2 + (random() % 7);
    yield Array.from({ length }, () => letters[random() % letters.length]).join('');
  }
}

function* people(): Generator<string> {
  for (const family of familyNames) {
    yield family;
    yield family.toUpperCase();
    yield family.toLowerCase();
    for (const given of givenNames) {
      yield `${family}, ${given}`;
      yield `${given} ${family}`;
      yield `${given}.${family}@example.com`.toLowerCase();
    }
  }
}

function* identifiers(): Generator<string> {
  const random = numbers(20_240_617);
  for (const word of words) {
    yield word;
    for (let count = 0; count < 40; count += 1) {
      const number = random() % 1000;
      yield `${word}${String(number)}`;
      yield `${word}-${String(number)}`;
      yield `${word}_${String(number)}`;
      yield `${word} ${String(number)}`;
      yield `/${word}/${String(number)}.${String(random() % 10)}`;
      yield `${hexadecimal(random())}-${hexadecimal(random())}`;
    }
  }
}

function* emojiTexts(): Generator<string> {
  for (const emoji of emojis) {
    yield emoji;
    for (const word of words) {
      yield `${word}${emoji}`;
      yield `${word} ${emoji}`;
      yield `${emoji} ${word}`;
    }
    for (const other of emojis) yield `${emoji}${other}`;
  }
}

function* chineseNames(): Generator<string> {
  const random = numbers(674_7);
  const given = Array.from(chineseGiven);
  for (const family of chineseFamilies) {
    for (const name of given) yield family + name;
    for (let count = 0; count < 60; count += 1)
      yield `${family}${given[random() % given.length] ?? ''}${given[random() % given.length] ?? ''}`;
  }
}

/** Knuth's linear congruential generator, its better bits. */
function numbers(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 40n);
  };
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(6, '0');
}
