const draftEnd = '.new';

/** Where a file is written that takes the place of another one when it is whole. */
export const draftOf = (path: string): string => `${path}${draftEnd}`;

export const isDraft = (path: string): boolean => path.endsWith(draftEnd);

/** The file that a draft becomes; any other stays what it is. */
export const fileOfDraft = (path: string): string => (isDraft(path) ? path.slice(0, -draftEnd.length) : path);
