/** Names of people and places to make up a chain from. */

export const firstNames = [
  ...['Alessia', 'Andrea', 'Anna', 'Antonio', 'Beatrice', 'Camilla', 'Chiara', 'Cristina', 'Davide', 'Diego'],
  ...[
    'Edoardo',
    'Eleonora',
    'Emma',
    'Enzo',
    'Fabio',
    'Federica',
    'Filippo',
    'Francesca',
    'Gabriele',
    'Giada',
  ],
  ...['Gianni', 'Giorgia', 'Giulia', 'Greta', 'Irene', 'Jacopo', 'Laura', 'Leonardo', 'Lorenzo', 'Luca'],
  ...['Lucia', 'Marco', 'Margherita', 'Marta', 'Matteo', 'Michele', 'Nicola', 'Noemi', 'Paola', 'Pietro'],
  ...[
    'Riccardo',
    'Rosa',
    'Salvatore',
    'Sara',
    'Sofia',
    'Stefano',
    'Tommaso',
    'Valentina',
    'Vincenzo',
    'Viola',
  ],
] as const

export const lastNames = [
  ...[
    'Amato',
    'Barbieri',
    'Basile',
    'Bellini',
    'Benedetti',
    'Bianchi',
    'Caputo',
    'Caruso',
    'Cattaneo',
    'Coppola',
  ],
  ...['Costa', 'De Luca', 'De Santis', 'Donati', 'Fabbri', 'Farina', 'Ferrara', 'Fiore', 'Fontana', 'Gallo'],
  ...[
    'Gatti',
    'Gentile',
    'Grassi',
    'Grimaldi',
    'Guerra',
    'Leone',
    'Lombardi',
    'Longo',
    'Mancini',
    'Marchetti',
  ],
  ...[
    'Mariani',
    'Martini',
    'Messina',
    'Monti',
    'Morelli',
    'Neri',
    'Orlando',
    'Palumbo',
    'Parisi',
    'Pellegrini',
  ],
  ...[
    'Ricci',
    'Rinaldi',
    'Romano',
    'Ruggiero',
    'Sala',
    'Santoro',
    'Serra',
    'Silvestri',
    'Testa',
    'Valentini',
  ],
] as const

const cities = [
  ...['Napoli', 'Roma', 'Milano', 'Torino', 'Firenze', 'Bologna', 'Genova', 'Palermo', 'Venezia', 'Verona'],
  ...['Bari', 'Catania', 'Padova', 'Trieste', 'Parma', 'Pisa', 'Siena', 'Lecce', 'Perugia', 'Modena'],
  ...['Salerno', 'Cagliari', 'Rimini', 'Ancona', 'Bergamo'],
] as const

const quarters = ['', 'Porto', 'Mercato', 'Stazione'] as const

export interface Place {
  id: string
  name: string
  city: string
}

/** There are names for so many restaurants; what comes after has a number. */
const named = cities.length * quarters.length

/** The restaurant of that number, from 0. */
export function placeOf(number: number): Place {
  const city = cities[number % cities.length] ?? ''
  const quarter = quarters[Math.floor(number / cities.length) % quarters.length]
  const round = number >= named ? String(Math.floor(number / named) + 1) : ''
  const parts = [city, quarter, round].filter((part) => part)
  // The first of them is in Napoli, and its name says so already.
  const name = ['Bella Napoli', ...parts.filter((part) => part !== 'Napoli')].join(' ')
  return { id: parts.join('-').toLowerCase(), name, city }
}
