"""Stop words: the words by which people ask an archive for something, in each language. They are words for the archive
and its parts, verbs of saying and looking for, and what goes with them (recent, all, which, good).

These words may be content elsewhere, but hardly in a question to an archive. All others are left to frequencies (see
``request``), by which most words of grammar are recognised as well.
"""

from __future__ import annotations

__all__ = ["ABOUT", "QUESTION_WORDS", "STOP_WORDS", "TOPIC_MARKERS", "is_stop_word"]

STOP_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            a about above after again against ago all already also am among an and another any anybody anyone
            anything archive are around article articles as ask at be became because become been before being
            below besides best between both bring brings broadcast broadcasts brought but by called came can
            come comes concerning could cover covered covering covers describe described describes did discuss
            discussed discusses discussing discussion discussions do does doing done during each either else
            episode episodes ever every everything explain explained explains far feature featured features few
            find finding first for found from further gave get gets getting give given go goes going good got
            great guest guests guys had happen happened happening happens has have having he hear heard hearing help her
            here him his host hosts how
            however i if in instead interested interesting into introduce introduced is it its itself just keep
            kind know last lately latest let like list listen listened listening look looked looking
            made make makes many may me mention mentioned mentioning
            mentions might mine more most much must my myself never news nice no nobody nor
            not nothing of off often on once one only onto or other others our ours out over own place please
            podcast podcasts popular post posts previously program programme programs put rather read really
            recall recent recently recommend recommended regarding remember remind said same say saying says search
            searching see seen segment segments several she should show showed shows since so some somebody
            somehow someone something sometime sometimes still stories story stuff subject such suggest
            summarise summarize summary talk talked talking talks tell telling tells than thank that the their
            theirs them themselves then there these they thing things this those though through thus time times
            to together told too topic topics toward towards tried try tweet tweets under until up upon us used
            using very via want wanted wants was way ways we well were what whatever when whenever where whether
            which while who whoever whole whom whose why will with within without wondering worth would yet you your
            yours yourself
            """,
        "ja": """
            話 話題 回 紹介 特集 テーマ 記事 番組 放送 配信 放送回 配信回 エピソード ポッドキャスト ストーリー ニュース
            ネタ 投稿 ツイート つぶやき 呟き ポスト まとめ 一覧 リスト リストアップ 内容 件 話し 話せ 言っ 言い 言う
            言及 触れ 聞い 聞き 聞く 聞け 聞ける 聴い 聴き 聴く 知り 知っ 知る 教え 探し 探す 調べ 見つけ 出し
            出 出る 出演 取り上げ 取上 扱っ 扱う 扱い 解説 説明 登場 方法 やつ 奴 何 何回 何本 何度 どれ どの
            いつ どこ 誰 なん なに なぜ 最近 最新 直近 今回 前回 以前 前 昔 過去 今まで これまで 今 先 全部 全て
            すべて 全 ぜんぶ 一番 最初 最後 もう 一回 一度 回目 詳しく 詳しい 詳細 おすすめ オススメ お勧め
            面白い 面白かっ 面白く 気 あれ それ これ 関連 関する 関し 系 みたい 頃 本 度 つ ほしい 欲しい 見せ
            知識 感想 初めて はじめて
            """,
        "zh": """
            节目 節目 一期 期 集 哪 几 幾 哪期 哪集 哪些 播客 新闻 新聞 文章 话题 話題 内容 內容 故事 介绍 介紹 讨论
            討論 讲 講 说 說 谈 談 谈论 提到 提及 提过 聊 聊过 聊到 涉及 关于 關於 相关 相關 最近 最新 以前 之前
            曾经 曾經 所有 全部 列出 列表 请 請 找 找到 查找 想 知道 告诉 告訴 推荐 推薦 什么 什麼 怎么 怎麼
            多少 哪里 谁 请问 請問 有没有 有哪些 没有 播出 主持人
            最早 最先 最初 第一次 首次 最后 最後 一次 上次 时候 時候 几期 幾期 几次 幾次 为什么 為什麼 如何
            """,
        "ko": """
            에피소드 방송 회차 회 편 팟캐스트 뉴스 기사 이야기 얘기 주제 내용 소개 언급 다룬 다루 나온 나오 설명
            말 말한 들은 최근 최신 예전 지금 모두 전부 목록 찾 찾아 알려 알려줘 알려주 추천 관련 대해 대한 관한
            어떤 무슨 언제 무엇 뭐 누가 몇 있나요 있었나요 있어 했 했나요 주세요 줘 보여 보여줘 진행자
            처음 첫 마지막 번 어떻게 왜 얼마나
            """,
        "pt": """
            episódio episódios programa programas podcast notícia notícias artigo artigos história histórias
            tema temas fala falam falou falaram falado mencionou mencionaram menciona mencionado discutiu
            discutiram discutido tratou trataram sobre recente recentemente último última últimos últimas melhor
            todos todas quais qual quando onde algum alguma alguém lista liste mostre mostrar encontrar procuro
            quero saber apresentadores aparece aparecem
            quantos quantas quanto como quem porque primeira primeiro vez vezes
            """,
        "es": """
            episodio episodios programa programas podcast noticia noticias artículo artículos historia historias
            tema temas habla hablan habló hablaron hablado mencionó mencionaron menciona mencionado discutió
            discutieron trata tratan trató trataron sobre reciente recientemente último última últimos últimas mejor
            todos todas cuáles cuál cuándo dónde algún alguna alguien lista muestra muéstrame encontrar busco quiero
            saber presentadores aparece aparecen capítulo capítulos
            cuántos cuántas cuánto cuánta cómo qué quién quiénes primera primer primero vez veces dijo dijeron
            """,
        "fr": """
            épisode épisodes émission émissions podcast nouvelle nouvelles actualité actualités article articles
            histoire histoires sujet sujets parle parlent parlé parlaient parler mentionne mentionné mentionnent
            évoqué évoquent discuté abordé traité consacré consacrée récent récente récemment dernier dernière
            derniers dernières quoi raconte contient meilleur meilleure tous toutes quels quelles quel quelle quand
            liste montre montrez trouver cherche animateurs
            combien comment qui pourquoi première premier fois
            """,
        "de": """
            folge folgen episode episoden sendung sendungen podcast nachricht nachrichten neuigkeiten artikel
            geschichte geschichten thema themen ging geht gesprochen sprechen sprachen gesagt erwähnt erwähnen
            erwähnten diskutiert besprochen behandelt vorgestellt neues neueste neuesten letzte letzten kürzlich
            beste besten alle welche welcher welchen wann liste zeige finde finden suche moderatoren jemals
            schon worum wovon handelt handelte kam vor
            wie viele oft wer was warum wieso erste ersten erstes erstmals mal zuletzt gibt gab
            """,
        "it": """
            episodio episodi puntata puntate programma podcast notizia notizie articolo articoli storia storie
            argomento argomenti parla parlano parlato parlarono menzionato menzionano discusso discutono
            trattato trattano recente recentemente ultimo ultima ultimi ultime migliore tutti tutte quali quale
            quando elenco mostra trovare cerco conduttori
            quanti quante quanto come chi perché prima primo volta volte
            """,
        "ru": """
            выпуск выпуске выпуски выпусках выпусков эпизод эпизоде эпизоды эпизодах подкаст подкаста передача
            передаче программа новости новость статья статьи история истории тема темы говорили говорил говорят
            говорится рассказали рассказывали расскажи обсуждали обсуждается обсуждалось упоминали упоминается
            упоминался упоминалось упомянули последний последние последнее недавно лучший все всё какие какой
            каком каких когда где список покажи найди найти ведущие
            сколько как кто что почему впервые первый первом раз
            """,
        "nl": """
            aflevering afleveringen podcast uitzending uitzendingen nieuws artikel artikelen verhaal verhalen
            onderwerp gesproken praten gepraat besproken genoemd laatste recent recente beste alle welke wanneer
            lijst ging gaat vind zoek
            hoeveel hoe vaak wie wat waarom eerst eerste keer
            """,
        "pl": """
            odcinek odcinku odcinki odcinkach odcinków podcast program programie wiadomości artykuł artykuły
            historia temat mówili mówił mówiono mowa rozmawiali wspomnieli wspomniano omawiali ostatni ostatnie
            ostatnio najnowszy najlepszy wszystkie które którym który kiedy lista pokaż znajdź
            ile jak kto co dlaczego pierwszy pierwszym raz
            """,
    }.items()
}
"""The words of each language, normalised; those of Japanese, Chinese and Korean as the tables segment them."""

ABOUT = frozenset(["について", "に関する", "に関して", "をめぐる", "に対する"])
"""The Japanese words between a subject and what is asked about it."""

TOPIC_MARKERS = ABOUT | {"に関し", "って", "という", "っていう", "における", "とか"}
"""The Japanese words that end the subject of a question: what follows them only asks."""

QUESTION_WORDS = frozenset(
    "いつ どこ 誰 だれ なぜ どう どの どれ 何 なに なん 何回 何本 何度 どうして どんな いくつ".split()
)
"""The Japanese words that ask about the subject before them: いつ in GPT-5はいつ発表された."""

_DROPPED = STOP_WORDS["en"] | STOP_WORDS["ja"]


def is_stop_word(text: str) -> bool:
    """Whether a normalised English or Japanese word only asks.

    Such words are left out of a query only if something else remains.
    """
    return text in _DROPPED
