import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** The file behind `./x`. */
function fileOf(from: string, path: string): string | undefined {
  return [`${path}.ts`, `${path}/index.ts`].map((name) => join(dirname(from), name)).find(existsSync);
}

/** What a name of an index is declared as, wherever it comes from; undefined where it is another package's. */
function declaration(file: string, name: string): ts.Node | undefined {
  for (const statement of parse(file).statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
      const { text } = statement.moduleSpecifier as ts.StringLiteral;
      const clause = statement.exportClause;
      const source = text.startsWith('.') ? fileOf(file, text) : undefined;
      if (clause === undefined) {
        const found = source === undefined ? undefined : declaration(source, name);
        if (found !== undefined) return found;
      } else if (ts.isNamedExports(clause)) {
        const one = clause.elements.find((element) => element.name.text === name);
        if (one !== undefined) return source === undefined ? undefined : declaration(source, (one.propertyName ?? one.name).text);
      }
    } else if (ts.isVariableStatement(statement)) {
      if (statement.declarationList.declarations.some((one) => one.name.getText() === name)) return statement;
    } else if (
      (ts.isClassDeclaration(statement) ||
        ts.isFunctionDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isEnumDeclaration(statement)) &&
      statement.name?.text === name
    ) {
      return statement;
    }
  }
  return undefined;
}

function exportsOf(file: string): readonly string[] {
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return [];
    const { exportClause: clause, moduleSpecifier } = statement;
    if (clause !== undefined && ts.isNamedExports(clause)) return clause.elements.map(({ name }) => name.text);
    const source = moduleSpecifier === undefined ? undefined : fileOf(file, (moduleSpecifier as ts.StringLiteral).text);
    return source === undefined ? [] : exportsOf(source);
  });
}

const libs = readdirSync(join(ROOT, 'libs')).map((name) => join(ROOT, 'libs', name, 'src/index.ts'));

it.each(libs.map((file) => [relative(ROOT, file), file]))('%s exports nothing that is not explained', (_, file) => {
  const names = exportsOf(file);
  expect(names.length).toBeGreaterThan(3);
  const silent = names.filter((name) => {
    const found = declaration(file, name);
    return found !== undefined && ts.getJSDocCommentsAndTags(found).length === 0;
  });
  expect(silent).toEqual([]);
});
