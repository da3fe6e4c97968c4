import { test } from '@japa/runner';
import { Job } from 'kubernetes-models/batch/v1';
import { PersistentVolumeClaim } from 'kubernetes-models/v1';

import { exampleDocuments, exampleText } from './support/example-file.ts';
import { githubParsers } from './support/github-parser.ts';

/* GitHub's own parser with GitHub's own schema, and the schemas of Kubernetes' own API. */

/** Throws what is wrong with a document of Kubernetes. */
function validate(document: unknown): void {
  const { kind } = document as { readonly kind: string };
  const model =
    kind === 'Job'
      ? new Job(document as ConstructorParameters<typeof Job>[0])
      : new PersistentVolumeClaim(document as ConstructorParameters<typeof PersistentVolumeClaim>[0]);
  model.validate();
}

test.group('files for CI', () => {
  for (const name of ['gate', 'nightly'])
    test(`the workflow ${name} is one to GitHub's parser`, async ({ assert }) => {
      const { workflow } = await githubParsers();
      const path = `docs/ci/github/${name}.yml`;
      assert.deepEqual(workflow(path, exampleText(path)), []);
      const broken = exampleText(path).replace('runs-on:', 'run-on:');
      assert.isNotEmpty(workflow(path, broken));
    });

  test("the action is one to GitHub's parser", async ({ assert }) => {
    const { action } = await githubParsers();
    assert.deepEqual(action('action.yml', exampleText('action.yml')), []);
    const broken = exampleText('action.yml').replace('using: composite', 'using: shell');
    assert.isNotEmpty(action('action.yml', broken));
  });

  for (const name of ['matrix', 'merge'])
    test(`the manifest ${name} is what Kubernetes takes`, ({ assert }) => {
      const documents = exampleDocuments(`docs/ci/kubernetes/${name}.yaml`);
      for (const document of documents) {
        assert.doesNotThrow(() => {
          validate(document);
        });
        const broken = structuredClone(document) as { spec: Record<string, unknown> };
        broken.spec['template'] = 'none';
        broken.spec['resources'] = 'many';
        assert.throws(() => {
          validate(broken);
        });
      }
      assert.includeMembers(
        documents.map((document) => (document as { readonly kind: string }).kind),
        ['Job'],
      );
    });
});
