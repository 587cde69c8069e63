import { Lexer } from 'yaml';

/** What the lexer puts before a scalar: what follows is text, whatever it looks like. */
const SCALAR = '\x1f';
const MARKS = new Set(['\x02', '\x18', SCALAR]);

/** Takes the spaces out that the writer of YAML puts within `[ ]`: a mapping has them, a list has not. */
export function tightLists(text: string): string {
  const made: string[] = [];
  let before = '';
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) {
      scalar = lexeme === SCALAR;
      continue;
    }
    const space = !scalar && /^ +$/.test(lexeme);
    if (!scalar && lexeme === ']' && made.length > 1 && /^ +$/.test(made[made.length - 1]!) && made[made.length - 2] !== '\n') made.pop();
    if (!(space && before === '[')) made.push(lexeme);
    before = scalar ? '' : lexeme;
    scalar = false;
  }
  return made.join('');
}
