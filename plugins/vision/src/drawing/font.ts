/** Letters of five by seven dots, row by row; a character of base 32 is a row, its highest bit the left dot. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: 'ehhvhhh',
  B: 'uhhuhhu',
  C: 'ehggghe',
  D: 'uhhhhhu',
  E: 'vgguggv',
  F: 'vgguggg',
  G: 'ehgnhhf',
  H: 'hhhvhhh',
  I: 'e44444e',
  J: '1111hhe',
  K: 'hikokih',
  L: 'ggggggv',
  M: 'hrllhhh',
  N: 'hhpljhh',
  O: 'ehhhhhe',
  P: 'uhhuggg',
  Q: 'ehhhlid',
  R: 'uhhukih',
  S: 'fgge11u',
  T: 'v444444',
  U: 'hhhhhhe',
  V: 'hhhhha4',
  W: 'hhhllla',
  X: 'hha4ahh',
  Y: 'hha4444',
  Z: 'v1248gv',
  0: 'ehjlphe',
  1: '4c4444e',
  2: 'eh1248v',
  3: 'v2421he',
  4: '26aiv22',
  5: 'vgu11he',
  6: '68guhhe',
  7: 'v124888',
  8: 'ehhehhe',
  9: 'ehhf12c',
  '#': 'aavavaa',
  '%': 'op248j3',
  '.': '00000cc',
  ',': '0000c48',
  ':': '0cc0cc0',
  '-': '000v000',
  _: '000000v',
  '/': '01248g0',
  '(': '2488842',
  ')': '8422248',
  '+': '044v440',
  "'": '4480000',
  ' ': '0000000',
  '?': 'eh12404',
};

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

const dots = new Map(Object.entries(GLYPHS).map(([letter, rows]) => [letter, [...rows].map((row) => parseInt(row, 32))]));

/** The seven rows of a letter, five bits each; capitals stand for small letters, a question mark for what has no glyph. */
export function glyph(letter: string): readonly number[] {
  return dots.get(letter.toUpperCase()) ?? dots.get('?')!;
}
