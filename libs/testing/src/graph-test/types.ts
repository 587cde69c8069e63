import type { Plugin } from '@sluice/sdk';
import type { Catalogue } from '@sluice/sdk/catalogue';

/** What tests of graphs get from whoever runs them. */
export interface TestHost {
  readonly catalogues: readonly Catalogue[];
  /** The code of the plugins that have these node types; types of mocked nodes are not asked for. */
  plugins(types: readonly string[]): readonly Plugin[];
  /** Path of an asset, where it is staged. */
  asset?(name: string): string | undefined;
  /** A text of a file, undefined where it is not there. Default: from the disk. */
  read?(path: string): string | undefined;
  /** False leaves an edge between every two nodes: what a test says holds without fusion, too. */
  readonly fuse?: boolean;
}

/** How tests of graphs are run. */
export interface TestOptions {
  /** Writes goldens instead of comparing with them. */
  readonly update?: boolean;
  /** Only tests whose name has this text. */
  readonly name?: string;
}

/** One thing that was not as expected. */
export interface TestFailure {
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Lines that compare: `- ` what was expected, `+ ` what came. */
  readonly diff: readonly string[];
  readonly hint?: string;
}

/** What came of one test; of a table, of one row. */
export interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  readonly failures: readonly TestFailure[];
  /** Real time, ms. */
  readonly took_ms: number;
  /** Virtual time, ms. */
  readonly virtual_ms: number;
  /** Goldens that were written. */
  readonly updated: readonly string[];
}

/** What of a graph the tests of a file went through. */
export interface GraphCoverage {
  readonly graph: string;
  readonly nodes: Covered;
  readonly ports: Covered;
  readonly edges: Covered;
  /** Nodes whose own code ran in no test. */
  readonly mocked: readonly string[];
}
/** How much of something was gone through. */
export interface Covered {
  readonly covered: number;
  readonly total: number;
  readonly missing: readonly string[];
}

/** What came of one file of tests. */
export interface FileResult {
  readonly file: string;
  readonly graph: string;
  /** What is wrong with the file or its graph; then no test was run. */
  readonly diagnostics: readonly import('@sluice/graph').Diagnostic[];
  readonly tests: readonly TestResult[];
  readonly coverage?: GraphCoverage;
  /** Files that it depends on: the graph, sub-graphs, recordings, goldens. */
  readonly files: readonly string[];
}
