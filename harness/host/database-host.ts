import { debianServerMajors, debianServerRecipe, hostRecipe } from './debian/recipes.ts';
import type { DebianRecipe } from './debian/root-recipe.ts';

/**
 * The root of a host as a database machine has it: with the release's own server, and so with its libicu, and with every
 * locale. Throws `unknown-host` (usage) for a name that is not in the table.
 */
export function databaseHostRecipe(name: string): DebianRecipe {
  const { suite } = hostRecipe(name);
  const server = debianServerMajors()
    .map(debianServerRecipe)
    .find((recipe) => recipe.suite === suite);
  return server ?? hostRecipe(name);
}
