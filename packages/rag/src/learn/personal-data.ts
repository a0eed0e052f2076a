/**
 * What looks like personal data in a text that is about to be learnt: a model may repeat it word for word. Numbers that carry
 * a check digit count only when it is right (Luhn for cards, ISO 7064 mod 97 for IBANs, GB 11643 for Chinese identity
 * numbers), so that part numbers and measurements are left alone.
 */
export const PERSONAL_KINDS = ["email", "phone", "iban", "card", "chinese_id"] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u;
/** International, Chinese mobile, bracketed area code, or a number after a word that says telephone. */
const PHONE =
  /(?<![\d.,-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}|\(\d{2,5}\)[ .-]?\d{3,4}[ .-]\d{3,4}|1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?![\d.])|(?:\b(?:tel|phone|telephone|mobile|call|fax)\b|电话|手机|電話|手機)[^\d\n+]{0,60}\(?\d(?:[ ./()-]{0,2}\d){6,13}(?!\d)/iu;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g;
const CARD = /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d.-])/g;
const CHINESE_ID =
  /(?<![\dA-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])/g;

/** Kinds found, each once, in the order of PERSONAL_KINDS. */
export function findPersonalData(text: string): PersonalKind[] {
  const ids = (text.match(CHINESE_ID) ?? []).filter(isChineseId);
  const cards = (text.match(CARD) ?? []).filter((found) => !ids.includes(found) && isCard(found));
  const found: Record<PersonalKind, boolean> = {
    email: EMAIL.test(text),
    phone: PHONE.test(text),
    iban: (text.match(IBAN) ?? []).some(isIban),
    card: cards.length > 0,
    chinese_id: ids.length > 0,
  };
  return PERSONAL_KINDS.filter((kind) => found[kind]);
}

/** ISO 13616: the first four characters move to the end, letters become 10–35, the whole is 1 modulo 97. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(" ", "");
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Luhn 1960; a card's first digit is 2–6. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (const [at, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** GB 11643-1999: the last character is the weighted sum modulo 11. */
function isChineseId(text: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return "10X98765432"[sum % 11] === text[17]!.toUpperCase();
}
