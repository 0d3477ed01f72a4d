/**
 * The README as it is shown on the extension's page in VS Code, where nothing beside it can be reached: pictures of the
 * repository would be broken, links to its files dead. What they name comes with the extension and can be opened there.
 */
export function packageReadme(text: string): string {
  const withoutPictures = text.replace(/^!\[[^\]]*\]\((?!https:)[^)]*\)\n+/gm, '');
  const withoutLinks = withoutPictures.replace(/(?<!!)\[([^\]]+)\]\((?!https?:|#)[^)]*\)/g, '$1');
  if (withoutLinks === withoutPictures) return withoutLinks;
  return withoutLinks.replace(
    /^(# .*\n)/,
    '$1\nThe documents named here come with the extension: **Heatline: Open Documentation** in the Command Palette.\n',
  );
}
