/**
 * Errors as Solana's RPC shows them: the JSON of a transaction error, the sentence beside it, and
 * the error codes of the RPC itself. LiteSVM gives numbers; the names here are in its order.
 */

const kTransactionErrors = [
  "AccountInUse", "AccountLoadedTwice", "AccountNotFound", "ProgramAccountNotFound",
  "InsufficientFundsForFee", "InvalidAccountForFee", "AlreadyProcessed", "BlockhashNotFound",
  "CallChainTooDeep", "MissingSignatureForFee", "InvalidAccountIndex", "SignatureFailure",
  "InvalidProgramForExecution", "SanitizeFailure", "ClusterMaintenance",
  "AccountBorrowOutstanding", "WouldExceedMaxBlockCostLimit", "UnsupportedVersion",
  "InvalidWritableAccount", "WouldExceedMaxAccountCostLimit", "WouldExceedAccountDataBlockLimit",
  "TooManyAccountLocks", "AddressLookupTableNotFound", "InvalidAddressLookupTableOwner",
  "InvalidAddressLookupTableData", "InvalidAddressLookupTableIndex", "InvalidRentPayingAccount",
  "WouldExceedMaxVoteCostLimit", "WouldExceedAccountDataTotalLimit",
  "MaxLoadedAccountsDataSizeExceeded", "ResanitizationNeeded",
  "InvalidLoadedAccountsDataSizeLimit", "UnbalancedTransaction", "ProgramCacheHitMaxLimit",
  "CommitCancelled",
];

const kInstructionErrors = [
  "GenericError", "InvalidArgument", "InvalidInstructionData", "InvalidAccountData",
  "AccountDataTooSmall", "InsufficientFunds", "IncorrectProgramId", "MissingRequiredSignature",
  "AccountAlreadyInitialized", "UninitializedAccount", "UnbalancedInstruction",
  "ModifiedProgramId", "ExternalAccountLamportSpend", "ExternalAccountDataModified",
  "ReadonlyLamportChange", "ReadonlyDataModified", "DuplicateAccountIndex", "ExecutableModified",
  "RentEpochModified", "NotEnoughAccountKeys", "AccountDataSizeChanged", "AccountNotExecutable",
  "AccountBorrowFailed", "AccountBorrowOutstanding", "DuplicateAccountOutOfSync", "InvalidError",
  "ExecutableDataModified", "ExecutableLamportChange", "ExecutableAccountNotRentExempt",
  "UnsupportedProgramId", "CallDepth", "MissingAccount", "ReentrancyNotAllowed",
  "MaxSeedLengthExceeded", "InvalidSeeds", "InvalidRealloc", "ComputationalBudgetExceeded",
  "PrivilegeEscalation", "ProgramEnvironmentSetupFailure", "ProgramFailedToComplete",
  "ProgramFailedToCompile", "Immutable", "IncorrectAuthority", "AccountNotRentExempt",
  "InvalidAccountOwner", "ArithmeticOverflow", "UnsupportedSysvar", "IllegalOwner",
  "MaxAccountsDataAllocationsExceeded", "MaxAccountsExceeded",
  "MaxInstructionTraceLengthExceeded", "BuiltinProgramsMustConsumeComputeUnits", "BorshIoError",
];

function instructionErrorJson(error) {
  if (typeof error === "number") return kInstructionErrors[error] ?? "GenericError";
  if ("code" in error) return { Custom: error.code };
  return "BorshIoError";
}

/** The JSON of an error that LiteSVM returned. */
export function transactionErrorJson(error) {
  if (typeof error === "number") return kTransactionErrors[error] ?? "SanitizeFailure";
  switch (error.constructor.name) {
    case "TransactionErrorInstructionError":
      return { InstructionError: [error.index, instructionErrorJson(error.err())] };
    case "TransactionErrorDuplicateInstruction":
      return { DuplicateInstruction: error.index };
    case "TransactionErrorInsufficientFundsForRent":
      return { InsufficientFundsForRent: { account_index: error.accountIndex } };
    case "TransactionErrorProgramExecutionTemporarilyRestricted":
      return { ProgramExecutionTemporarilyRestricted: { account_index: error.accountIndex } };
    default:
      throw new Error(`unknown transaction error ${error.constructor.name}`);
  }
}

/** "BlockhashNotFound" becomes "Blockhash not found". */
function words(name) {
  const spaced = name.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** The sentence for an error's JSON, as it follows "Transaction simulation failed: ". */
export function transactionErrorText(json) {
  if (typeof json === "string") return words(json);
  if ("InstructionError" in json) {
    const [index, inner] = json.InstructionError;
    const what = typeof inner === "string"
      ? words(inner).toLowerCase()
      : `custom program error: 0x${inner.Custom.toString(16)}`;
    return `Error processing Instruction ${index}: ${what}`;
  }
  const [name] = Object.keys(json);
  return `${words(name)}: ${JSON.stringify(json[name])}`;
}

/** An error that is answered to the caller as a JSON-RPC error object. */
export class RpcError extends Error {
  constructor(code, message, data) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const kParseError = -32700;
export const kInvalidRequest = -32600;
export const kMethodNotFound = -32601;
export const kInvalidParams = -32602;
export const kInternalError = -32603;
export const kPreflightFailure = -32002;
export const kSignatureFailure = -32003;
export const kBlockNotAvailable = -32004;
export const kNodeUnhealthy = -32005;
export const kSlotSkipped = -32007;
export const kUnsupportedVersion = -32015;
export const kMinContextSlot = -32016;

/** @returns {RpcError} */
export const invalidParams = (message) => new RpcError(kInvalidParams, message);
