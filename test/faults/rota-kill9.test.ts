import { engines } from '../support/engines.ts'
import { openRotaBench, type RotaBench } from './rota-bench.ts'

const CONCURRENCY = 4

for (const engine of engines()) {
  describe(`RF-8 rotas on ${engine.name}, promised to a worker that is killed`, function () {
    this.timeout(360_000)
    let bench: RotaBench

    beforeEach(async () => {
      bench = await openRotaBench(engine)
    })
    afterEach(() => bench.stop())

    it('are each made, shown and told of once, wherever it was when it was killed', async () => {
      bench.smtp.mood.slowMs = 20
      await bench.promise(60)
      const kills = 6
      await bench.killAtRandom(kills, 250)
      await bench.startWorker()
      // A mail comes again only when its worker was killed between the server's "taken" and the note of it.
      await bench.expectAll({ mostRepeated: kills * CONCURRENCY })
    })

    it('are each made once by three workers, and told of by one mail', async () => {
      await bench.promise(30)
      await Promise.all([bench.startWorker(), bench.startWorker(), bench.startWorker()])
      await bench.expectAll({ mostRepeated: 0 })
    })
  })
}
