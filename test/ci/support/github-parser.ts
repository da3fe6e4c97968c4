import { registerHooks } from 'node:module';

import type { TemplateParseResult } from '@actions/workflow-parser';

/** What GitHub's own parser of workflows and actions finds wrong with a file; nothing, as it must be. */
export type FaultsOf = (name: string, content: string) => readonly string[];

/** GitHub's parsers. They import their schemas as JSON without saying so, as bundlers let them, and Node does not. */
export async function githubParsers(): Promise<{ readonly workflow: FaultsOf; readonly action: FaultsOf }> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const isTheirs = specifier.endsWith('.json') && context.parentURL?.includes('/@actions/') === true;
      const found = next(specifier, context);
      return isTheirs ? { ...found, importAttributes: { type: 'json' } } : found;
    },
  });
  const [{ NoOperationTraceWriter, parseWorkflow }, { parseAction }] = await Promise.all([
    import('@actions/workflow-parser'),
    import('@actions/workflow-parser/actions/action-parser'),
  ]);
  hooks.deregister();
  return {
    workflow: (name, content) => faultsIn(parseWorkflow({ name, content }, new NoOperationTraceWriter())),
    action: (name, content) => faultsIn(parseAction({ name, content }, new NoOperationTraceWriter())),
  };
}

function faultsIn({ context }: TemplateParseResult): readonly string[] {
  return context.errors.getErrors().map(({ message }) => message);
}
