import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { readGraph } from '@sluice/graph';
import { useEffect, useRef } from 'react';
import { useStore } from '../store';
import { t } from '../strings';
import { completionsAt } from './completion';
import { edit, editing, redo, undo } from './draft';

const THEME = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--card)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent) !important',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '6px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--accent-text)' },
  '.cm-diagnostic': { padding: '4px 10px' },
  '&.cm-focused': { outline: 'none' },
});
const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--busy)' },
]);

function complete(context: CompletionContext): CompletionResult | null {
  const now = editing.get();
  if (now === undefined) return null;
  const found = completionsAt(context.state.doc.toString(), context.pos, now.world, readGraph(context.state.doc.toString()) ?? now.model);
  return found === undefined || (found.from === context.pos && !context.explicit)
    ? null
    : { from: found.from, options: [...found.options] };
}

/** The text itself. Both views show one text: what is typed here is drawn there. */
export function YamlView({ line }: { readonly line: number | undefined }) {
  const now = useStore(editing)!;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const { text } = now.history.present;
  useEffect(() => {
    // Its styles are sheets of a shadow root: the page allows no others.
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: editing.get()!.history.present.text,
        extensions: [
          lineNumbers(),
          lintGutter(),
          drawSelection(),
          highlightActiveLine(),
          indentOnInput(),
          bracketMatching(),
          highlightSelectionMatches(),
          indentUnit.of('  '),
          yaml(),
          syntaxHighlighting(COLOURS),
          autocompletion({ override: [complete] }),
          keymap.of([
            // One history for both views.
            { key: 'Mod-z', run: () => (undo(), true), preventDefault: true },
            { key: 'Mod-y', run: () => (redo(), true), preventDefault: true },
            { key: 'Mod-Shift-z', run: () => (redo(), true), preventDefault: true },
            ...completionKeymap,
            ...searchKeymap,
            ...lintKeymap,
            ...defaultKeymap,
            // Tab indents; Escape and then Tab leaves.
            indentWithTab,
          ]),
          THEME,
          EditorView.contentAttributes.of({ 'aria-label': t('editor.yaml') }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const typed = update.state.doc.toString();
            if (typed !== editing.get()?.history.present.text) edit(() => typed, { of: 'yaml' });
          }),
        ],
      }),
    });
    // Scrolled with the keys, too.
    made.scrollDOM.tabIndex = 0;
    view.current = made;
    made.focus();
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const made = view.current!;
    const there = made.state.doc.toString();
    if (there === text) return;
    // Only what differs, so that the cursor stays where it is.
    let head = 0;
    while (head < there.length && head < text.length && there[head] === text[head]) head++;
    let tail = 0;
    while (tail < there.length - head && tail < text.length - head && there[there.length - 1 - tail] === text[text.length - 1 - tail])
      tail++;
    made.dispatch({ changes: { from: head, to: there.length - tail, insert: text.slice(head, text.length - tail) } });
  }, [text]);
  useEffect(() => {
    const { state } = view.current!;
    view.current!.dispatch(
      setDiagnostics(
        state,
        now.diagnostics
          .filter(({ file, line: at }) => file === now.file && at <= state.doc.lines)
          .map(({ line: at, column, severity, message, hint, code }) => {
            const place = state.doc.line(at);
            const from = Math.min(place.from + column - 1, place.to);
            const word = /^[^\s:,}\]]+/.exec(state.sliceDoc(from, place.to))?.[0].length ?? 1;
            return {
              from,
              to: Math.min(from + word, place.to),
              severity,
              message: hint === undefined ? message : `${message}\n${hint}`,
              source: code,
            };
          }),
      ),
    );
  }, [now.diagnostics, text]);
  useEffect(() => {
    const made = view.current;
    if (line === undefined || made === undefined || line > made.state.doc.lines) return;
    const { from } = made.state.doc.line(line);
    made.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    made.focus();
  }, [line]);
  return (
    <div
      className="yaml-view"
      ref={host}
      onKeyDown={(event) => {
        // Letters are text here; keys with Ctrl are commands of the page.
        if (!event.ctrlKey && !event.metaKey && !event.altKey) event.nativeEvent.stopImmediatePropagation();
      }}
    />
  );
}
