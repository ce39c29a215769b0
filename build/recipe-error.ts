/** A mistake of the user's making: its message is shown alone, exit 2. */
export class RecipeError extends Error {}
