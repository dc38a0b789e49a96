import type { Pool } from 'pg'

/** Any number nobody else locks. */
const LOCK = 4_242_001

/**
 * Stops the service exactly at a step's boundary, without any hook in it: a trigger on `operations` waits for a lock that the test
 * holds. At that moment everything before the boundary is done and the row does not say so yet.
 */
export async function createGate(pool: Pool) {
  await pool.query(`
    CREATE TABLE chaos_gate (kind text, state text, step text);
    CREATE FUNCTION chaos_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM chaos_gate g WHERE g.kind = NEW.kind AND g.state = NEW.state AND g.step IS NOT DISTINCT FROM CASE WHEN NEW.state = 'running' THEN NEW.step END)
         AND (NEW.state, NEW.step) IS DISTINCT FROM (OLD.state, OLD.step) THEN
        PERFORM pg_advisory_xact_lock(${LOCK});
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER chaos_gate BEFORE UPDATE ON operations FOR EACH ROW EXECUTE FUNCTION chaos_gate();`)
  const holder = await pool.connect()

  return {
    /** Arms the boundary before `step` of an operation; `null` is the one before its success is written. */
    async arm(kind: string, step: string | null): Promise<void> {
      await holder.query('SELECT pg_advisory_lock($1)', [LOCK])
      await holder.query('DELETE FROM chaos_gate')
      await holder.query('INSERT INTO chaos_gate VALUES ($1, $2, $3)', [kind, step === null ? 'succeeded' : 'running', step])
    },

    /** Resolves when the service stands at the boundary. */
    async reached(seconds: number): Promise<void> {
      const deadline = performance.now() + seconds * 1000
      for (;;) {
        const { rowCount } = await holder.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
          [LOCK],
        )
        if (rowCount) return
        if (performance.now() > deadline) throw new Error(`the boundary was not reached in ${seconds} s`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },

    /**
     * Opens it again. The statement that waits belongs to the killed service: `forget` rolls it back (the step was done, the row never
     * says so), otherwise it commits (the row says so, and nobody went on).
     */
    async open(forget: boolean): Promise<void> {
      await holder.query('DELETE FROM chaos_gate')
      if (forget)
        await holder.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
          [LOCK],
        )
      await holder.query('SELECT pg_advisory_unlock_all()')
    },

    async close(): Promise<void> {
      await holder.query('SELECT pg_advisory_unlock_all()')
      holder.release()
    },
  }
}
