/** Shorter ones would take harmless text with them, and keep nothing secret. */
const LEAST = 6;

/**
 * Takes values that must not be seen out of text that leaves the process, wherever they came to be in it: in their own form, and in the
 * forms that JSON and addresses give them.
 * @param secrets asked each time: a secret may be set while the server runs
 */
export function redactor(secrets: () => readonly string[]): (text: string) => string {
  return (text) => {
    let clean = text;
    for (const secret of secrets()) {
      if (secret.length < LEAST) continue;
      const quoted = JSON.stringify(secret).slice(1, -1);
      // A message may quote a value, and is itself quoted in an answer.
      const forms = [
        secret,
        quoted,
        JSON.stringify(quoted).slice(1, -1),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
      ];
      for (const form of new Set(forms)) if (clean.includes(form)) clean = clean.replaceAll(form, '***');
    }
    return clean;
  };
}
