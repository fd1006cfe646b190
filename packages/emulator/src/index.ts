export type { Endpoints } from './control/endpoints.js';
export { type Emulator, startEmulator } from './emulator.js';
export { type Fault, type FaultKind, type FaultOf, faultSchema, faultsSchema } from './faults/fault.js';
export type { FaultCount } from './faults/fault-desk.js';
export type { Ledger, LedgerPrediction, LedgerTotals } from './ledger.js';
export { DEFAULT_LIMITS, type EmulatorOptions, type ProviderLimits } from './options.js';
export type { PredictionState } from './predict/prediction.js';
export { PROVIDER_NAMES, type ProviderName, type RouteName } from './provider-name.js';
export type { CreateReason, CreateRecord } from './state/create-log.js';
