import type { ProblemCode } from "../../../src/model/problem.ts"

interface Words {
  readonly title: string
  readonly hint: string
}

/** The table of problems in Korean; the type keeps it whole. */
export const problemsKo: Readonly<Record<ProblemCode, Words>> = {
  "path-invalid": {
    title: "경로가 올바르지 않습니다",
    hint: "경로는 a-z, 0-9, -, _ 로 된 이름을 /로 이어 씁니다.",
  },
  "option-invalid": {
    title: "옵션이 올바르지 않습니다",
    hint: "--help 또는 docs/reference의 해당 설명과 비교하세요.",
  },
  "config-unreadable": {
    title: "설정 파일을 읽을 수 없습니다",
    hint: "파일이 있는지, UTF-8인지, 읽기 권한이 있는지 확인하세요.",
  },
  "config-syntax": {
    title: "설정 파일의 문법이 틀렸습니다",
    hint: "표시된 줄의 YAML을 고치세요. 들여쓰기는 공백 두 칸이며 탭은 쓸 수 없습니다.",
  },
  "config-invalid": {
    title: "설정 값이 올바르지 않습니다",
    hint: "docs/reference/plant.md와 비교하세요.",
  },
  "config-unknown-key": {
    title: "모르는 설정 항목입니다",
    hint: "철자를 고치거나 항목을 지우세요.",
  },
  "config-duplicate": {
    title: "같은 정의가 두 번 있습니다",
    hint: "하나의 정의만 남기세요.",
  },
  "config-missing-secret": {
    title: "비밀 값이 없습니다",
    hint: "표시된 환경 변수를 지정하거나 파일을 만드세요.",
  },
  "config-unsafe-change": {
    title: "실행 중에는 바꿀 수 없는 설정입니다",
    hint: "Moru를 멈추고 파일을 바꾼 뒤 다시 시작하거나 변경을 되돌리세요.",
  },
  "config-waits": {
    title: "설정 변경이 확인을 기다립니다",
    hint: "엔지니어가 연결 화면에서 확인하거나 파일에서 되돌리세요.",
  },
  "connection-refused": {
    title: "설비가 연결을 받지 않습니다",
    hint: "설비 전원과 주소를 확인하고 방화벽이 막고 있지 않은지 확인하세요.",
  },
  "connection-lost": {
    title: "설비와 연결이 끊어졌습니다",
    hint: "케이블과 설비를 확인하세요. Moru가 스스로 다시 연결합니다.",
  },
  "connection-timeout": {
    title: "설비가 제시간에 응답하지 않습니다",
    hint: "설비가 이 주소로 제한 시간 안에 응답하는지 확인하세요.",
  },
  "certificate-untrusted": {
    title: "신뢰하지 않는 인증서입니다",
    hint: "엔지니어가 지문을 설비의 것과 비교하고 연결 화면에서 신뢰를 등록하세요.",
  },
  "credentials-refused": {
    title: "설비가 사용자 이름이나 암호를 거부했습니다",
    hint: "장치 옵션의 사용자 이름과 암호를 확인하세요.",
  },
  "point-unknown": {
    title: "설비에 없는 주소입니다",
    hint: "설비의 주소 목록을 보고 태그의 주소를 고치세요.",
  },
  "value-refused": {
    title: "읽을 수 없는 값이 있습니다",
    hint: "값이 나온 곳에서 고치세요. 나머지 값은 저장했습니다.",
  },
  "time-implausible": {
    title: "시각이 맞지 않습니다",
    hint: "설비의 시계를 확인하세요. 이 값은 따로 보관했습니다.",
  },
  overflow: {
    title: "설비의 대기열이 넘쳤습니다",
    hint: "장치의 대기열을 늘리거나 수집 주기를 늦추세요.",
  },
  "write-unsupported": {
    title: "이 장치에는 쓸 수 없습니다",
    hint: "설비에서 직접 바꾸세요.",
  },
  "write-failed": {
    title: "설비에 쓰지 못했습니다",
    hint: "다시 시도하기 전에 설비의 현재값을 확인하세요.",
  },
  "history-corrupt": {
    title: "저장된 이력이 손상되었습니다",
    hint: "백업에서 데이터 폴더를 복원하세요. moru doctor가 범위를 알려 줍니다.",
  },
  "store-failed": {
    title: "저장하지 못했습니다",
    hint: "디스크 여유 공간과, 데이터 폴더를 하나의 Moru만 쓰는지 확인하세요.",
  },
  "storage-full": {
    title: "저장 공간이 가득 찼습니다",
    hint: "디스크를 비우거나 `storage.budget`을 늘리거나 `storage.retention`을 줄이십시오. Moru가 스스로 다시 시작합니다.",
  },
  "backup-damaged": {
    title: "백업이 손상되었습니다",
    hint: "다른 백업을 사용하세요. moru verify가 무엇이 잘못되었는지 알려 줍니다.",
  },
  "data-unwritable": {
    title: "데이터 폴더에 쓸 수 없습니다",
    hint: "쓰기 권한과 남은 공간을 확인하거나 --data로 다른 폴더를 지정하세요.",
  },
  "data-locked": {
    title: "다른 Moru가 데이터 폴더를 쓰고 있습니다",
    hint: "다른 Moru를 멈추거나 --data로 다른 폴더를 지정하세요.",
  },
  "ledger-broken": {
    title: "원장의 연결이 깨졌습니다",
    hint: "데이터 폴더를 그대로 두고 마지막으로 내보낸 머리 해시와 비교하세요.",
  },
  "port-taken": {
    title: "포트를 이미 쓰고 있습니다",
    hint: "포트를 쓰는 프로그램을 멈추거나 다른 포트를 지정하세요. 화면은 --port, 시뮬레이션 설비는 공장 파일에서 바꿉니다.",
  },
  "not-found": {
    title: "찾을 수 없습니다",
    hint: "주소를 확인하세요. 이름이 바뀌었을 수 있습니다.",
  },
  "query-refused": {
    title: "이 질의는 실행할 수 없습니다",
    hint: "`samples`와 `cycles` 표에 대한 SELECT 문 하나로 질의하세요. 방법은 docs/how-to/take-data-out.md에 있습니다.",
  },
  "query-too-large": {
    title: "질의가 너무 큽니다",
    hint: "태그를 줄이거나 기간을 짧게 하고, 질의에서 더 많이 걸러 내거나 집계하세요.",
  },
  "part-missing": {
    title: "선택 구성 요소가 설치되어 있지 않습니다",
    hint: "Moru가 있는 폴더에서 설치하세요: npm install @duckdb/node-api. 나머지 기능은 그대로 동작합니다.",
  },
  "request-invalid": {
    title: "요청이 올바르지 않습니다",
    hint: "/api/openapi.json과 비교하세요.",
  },
  "sign-in-needed": { title: "로그인이 필요합니다", hint: "로그인한 뒤 다시 하세요." },
  "sign-in-refused": {
    title: "로그인하지 못했습니다",
    hint: "이름과 암호를 확인하세요.",
  },
  "right-missing": {
    title: "권한이 없습니다",
    hint: "이 일을 할 수 있는 권한을 관리자에게 요청하세요.",
  },
  "too-many-requests": {
    title: "요청이 너무 많습니다",
    hint: "1분 뒤에 다시 하세요.",
  },
  "decision-closed": {
    title: "이미 끝난 결정입니다",
    hint: "이미 결정되었거나 기한이 지났습니다. 현재 상태를 확인하세요.",
  },
  "automatic-stopped": {
    title: "자동 조치가 정지되어 있습니다",
    hint: "엔지니어가 다시 켤 수 있습니다.",
  },
  "read-only": {
    title: "읽기 전용입니다",
    hint: "바꿀 권한이 있는 사람으로 로그인하세요.",
  },
  "config-outdated": {
    title: "그 사이 파일이 바뀌었습니다",
    hint: "다른 사람이 파일을 바꾸었습니다. 지금 내용을 확인한 뒤 다시 하세요.",
  },
  "address-forbidden": {
    title: "연결할 수 없는 주소입니다",
    hint: "주소를 고치거나, 공장 파일의 `network`에서 그 범위를 허용하세요.",
  },
  "protocol-error": {
    title: "이 프로토콜의 응답이 아닙니다",
    hint: "주소의 설비가 이 프로토콜과 버전을 쓰는지 확인하세요.",
  },
  "certificate-refused": {
    title: "인증서를 믿을 수 없습니다",
    hint: "인증서를 서명한 기관을 옵션 `ca`에 적고, 이 주소에 유효한지 확인하세요.",
  },
  "duplicate-sender": {
    title: "같은 이름으로 보내는 곳이 둘입니다",
    hint: "둘째를 찾아 멈추거나 각각 이름과 클라이언트 ID를 따로 주세요. 모루는 1분마다 다시 확인합니다.",
  },
  "centre-unreachable": {
    title: "중앙 모루에 닿지 않습니다",
    hint: "회선과 에지의 주소 `to`, 중앙 모루가 실행 중인지 확인하세요. 그동안 잃는 것은 없으며 에지가 보관합니다.",
  },
  "edge-refused": {
    title: "에지의 키가 맞지 않습니다",
    hint: "관리자가 중앙에서 `moru edge key`로 키를 만들어 에지 컴퓨터에 두세요.",
  },
  "edge-silent": {
    title: "에지에서 소식이 없습니다",
    hint: "에지 컴퓨터가 켜져 있고 이 모루에 닿는지 확인하세요. 그동안 측정한 값은 나중에 옵니다.",
  },
  "edge-full": {
    title: "에지의 저장 공간이 모자랐습니다",
    hint: "공장 파일에서 에지의 `budget`을 늘리거나 회선을 더 빨리 고치세요. 무엇이 빠졌는지는 공백 기록에 있습니다.",
  },
  "edge-clock": {
    title: "에지의 시계가 다릅니다",
    hint: "두 컴퓨터가 같은 서버에서 시각을 맞추게 하세요(NTP).",
  },
  "table-cell-wrong": {
    title: "표의 칸이 올바르지 않습니다",
    hint: "칸을 고치고 표를 다시 읽으세요. 빈칸은 지금 값을 그대로 둡니다.",
  },
  "table-unreadable": {
    title: "표를 읽을 수 없습니다",
    hint: "UTF-8 CSV나 암호 없는 Excel .xlsx로, 표시된 크기 안에서 다시 저장하세요.",
  },
  unexpected: {
    title: "예상하지 못한 오류입니다",
    hint: "Moru의 결함입니다. 로그와 함께 알려 주세요.",
  },
}
