/**
 * Says why a text cannot be what ssh is to connect to (`me@lab1`, a name of the user's ssh config, `ssh://me@lab1:2222`), or
 * `undefined`. Stricter than ssh: nothing that could be an option, nor what a shell would take apart where the user's config
 * hands the name to a `ProxyCommand`.
 */
export function whyNoSshHost(text: string): string | undefined {
  if (text.length > 500) return 'it is too long';
  const address = text.startsWith('ssh://') ? text.slice('ssh://'.length).replace(/:\d{1,5}$/, '') : text;
  const at = address.lastIndexOf('@');
  const [user, host] = at < 0 ? [undefined, address] : [address.slice(0, at), address.slice(at + 1)];
  if (user === '' || host === '') return 'a part is missing';
  if ([text, user, host].some((part) => part?.startsWith('-'))) return 'a part of it begins with a dash';
  const forbidden = unsafe.exec(address)?.[0];
  return forbidden === undefined ? undefined : `it has the character ${JSON.stringify(forbidden)} in it`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const unsafe = /[\s\u0000-\u001f\u007f-\u009f'"`$\\;&|<>(){}*?!#]/;
