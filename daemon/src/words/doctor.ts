import type { Diagnosis, Finding } from '../model/finding.ts';
import type { Advice, DoctorWords } from './doctor-catalogue.ts';
import { doctorEnglish } from './doctor-english.ts';
import { doctorSpanish } from './doctor-spanish.ts';
import { CATALOGUES, type Language } from './language.ts';
import { writerFor } from './render.ts';

const DOCTOR: Readonly<Record<Language, DoctorWords>> = { en: doctorEnglish, es: doctorSpanish };

export const doctorWords = (language: Language): DoctorWords => DOCTOR[language];

/** What a finding says, and its remedy; null where there is nothing to do. */
export function adviceOf(
  { code, ...parameters }: Diagnosis | Finding,
  language: Language,
): { readonly says: string; readonly remedy: string | null } {
  const advice: Advice = DOCTOR[language].findings[code](
    parameters as never,
    writerFor(CATALOGUES[language]),
  );
  return typeof advice === 'string' ? { says: advice, remedy: null } : { says: advice[0], remedy: advice[1] };
}
