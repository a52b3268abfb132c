import { useMutation } from "@tanstack/react-query"
import { get } from "../api/fetch.ts"
import { Icon } from "../parts/icon.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { useTexts, wordOf } from "../text/text.ts"

interface Break {
  readonly number: number
  readonly kind: string
  readonly says: string
}

/** Reads the whole chain again and says where it does not hold. */
export function VerifyButton() {
  const { t } = useTexts()
  const verify = useMutation({ mutationFn: () => get<readonly Break[]>("/ledger/verify") })
  const [first] = verify.data ?? []
  return (
    <>
      {verify.data && (
        <span className="row verdict-line" role="status">
          <Icon name={first ? "gap" : "check"} size={15} />
          {first
            ? t("verify.broken", {
                n: first.number,
                kind: wordOf(t, "verify", first.kind),
                count: verify.data.length,
              })
            : t("verify.whole")}
        </span>
      )}
      <RefusedLine error={verify.error} />
      <button
        type="button"
        className="btn"
        disabled={verify.isPending}
        onClick={() => verify.mutate()}
      >
        <Icon name="shield" size={15} />
        {t("verify.do")}
      </button>
    </>
  )
}
