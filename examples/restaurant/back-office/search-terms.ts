/**
 * What a person or a thing is found by: the beginnings that people type, without regard to case and accents. The
 * store compares letter for letter, so both the documents and the question go through here.
 */

/** `q` as the documents' terms are written. */
export function searchTerm(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** For a person: "Ada Rossi" is found by "ada", "ros", "rossi a", "ada r" and "ada@". */
export function searchTerms(o: {
  firstName: string
  lastName: string
  email?: string | undefined
}): string[] {
  const { firstName, lastName, email } = o
  // The longer texts begin with the shorter ones.
  return unique([`${firstName} ${lastName}`, `${lastName} ${firstName}`, ...(email ? [email] : [])])
}

/** For a thing: "Pizza Margherita" is found by "piz" and "marg". */
export function searchWords(name: string): string[] {
  const words = searchTerm(name).split(' ')
  return unique(words.map((_, index) => words.slice(index).join(' ')))
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.map(searchTerm))]
}
