"""The language of a text, by script and function words."""

import pytest

from searchsvc.ingest.metadata.language_id import language_in_script, language_of

ENGLISH = "The ministers met again on Monday in Brussels to talk about the old treaty, and they will meet again."
GERMAN = "Die Minister trafen sich am Montag in der Stadt, um über den Vertrag und die Folgen für alle zu sprechen."
DANISH = "Ministrene mødtes igen mandag i byen for at tale om den gamle aftale, og de vil ikke mødes efter jul."
CHINESE = "部长们星期一再次开会，讨论旧条约的问题，并且同意明年春天在东京再次开会。"
CODE = "sudo apt-get install nginx && systemctl restart nginx; cp conf.d/site.conf backup/ " * 6


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        (GERMAN, "de"),
        ("Les ministres se sont réunis lundi dans la ville pour parler du traité et de ses conséquences.", "fr"),
        ("Los ministros se reunieron el lunes en la ciudad para hablar del tratado y de sus consecuencias.", "es"),
        ("Os ministros não se reuniram na cidade para falar do tratado e das suas consequências.", "pt"),
        ("I ministri si sono riuniti lunedì nella città per parlare del trattato e delle sue conseguenze.", "it"),
        ("De ministers kwamen maandag in de stad bijeen om over het oude verdrag te praten.", "nl"),
        (DANISH, "da"),
        ("Statsrådene møttes igjen mandag i byen for å snakke om den gamle avtalen, og de vil ikke møtes etter.", "no"),
        ("Ministrarna träffades igen på måndagen i staden för att tala om det gamla avtalet och dess följder.", "sv"),
        ("Ministrowie spotkali się w poniedziałek w mieście, aby porozmawiać o tym, co będzie po umowie.", "pl"),
        ("Ministři se v pondělí znovu sešli ve městě, aby jednali o staré smlouvě a o tom, co bude dál.", "cs"),
        ("Bakanlar pazartesi günü eski anlaşma için bir araya geldi ve bu konuda daha sonra görüşecek.", "tr"),
        ("Các bộ trưởng đã họp lại vào thứ hai tại thành phố để bàn về hiệp ước cũ và những hậu quả của nó.", "vi"),
        ("Министры снова встретились в понедельник в Брюсселе, чтобы обсудить старый договор.", "ru"),
        ("Міністри знову зустрілися в понеділок у Брюсселі, щоб обговорити старий договір і його наслідки.", "uk"),
        ("Министрите се срещнаха отново в понеделник, за да обсъдят стария договор и това, което ще бъде.", "bg"),
        ("اجتمع الوزراء مرة أخرى يوم الاثنين في بروكسل لمناقشة المعاهدة القديمة.", "ar"),
        ("وزیران روز دوشنبه در شهر دیدار کردند تا درباره پیمان قدیمی که این سال است گفتگو کنند.", "fa"),
        ("मंत्रियों ने सोमवार को शहर में पुरानी संधि पर बात की और कहा कि यह नहीं चलेगा।", "hi"),
        ("השרים נפגשו שוב ביום שני בעיר כדי לדבר על ההסכם הישן, אבל לא כל השרים היו שם.", "he"),
        (CHINESE, "zh"),
        ("大臣たちは月曜日に東京で再び会い、古い条約について話し合った。", "ja"),
        ("장관들은 월요일에 다시 만나 오래된 조약에 대해 이야기했다.", "ko"),
        ("Οι υπουργοί συναντήθηκαν ξανά τη Δευτέρα στις Βρυξέλλες.", "el"),
        ("รัฐมนตรีประชุมอีกครั้งเมื่อวันจันทร์ที่กรุงเทพมหานคร", "th"),
        ("ລັດຖະມົນຕີໄດ້ພົບກັນອີກໃນວັນຈັນທີ່ນະຄອນຫຼວງວຽງຈັນ", "lo"),
        ("រដ្ឋមន្ត្រីបានជួបគ្នាម្តងទៀតនៅថ្ងៃច័ន្ទនៅភ្នំពេញ", "km"),
        ("ဝန်ကြီးများသည်တနင်္လာနေ့တွင်ရန်ကုန်မြို့၌တွေ့ဆုံခဲ့ကြသည်", "my"),
        ("მინისტრები ორშაბათს კვლავ შეხვდნენ ქალაქში", "ka"),
    ],
)
def test_the_language_is_identified(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    ["", " \n", "ok", "NATO", "Article 1", "12345", "Der alte Hafen", "Привет мир", "東京", "\ud800 \ud800", CODE],
)
def test_too_little_evidence_gives_no_language(text: str) -> None:
    assert language_of(text) is None


def test_two_languages_in_equal_parts_give_no_language() -> None:
    assert language_of(f"{ENGLISH} {GERMAN}") is None


@pytest.mark.parametrize(
    "text",
    [f"{CHINESE} NATO, OpenAI, Elon Musk", f"{CODE}\n{CHINESE}", f"「の」という字。{CHINESE * 6}"],
    ids=["with names", "below program code", "with a Japanese word"],
)
def test_another_script_within_a_text_does_not_matter(text: str) -> None:
    assert language_of(text) == "zh"


def test_the_rest_of_a_text_counts_if_its_beginning_is_a_list() -> None:
    assert language_of("Vertrag, Minister, Hafen, Brücke, 12\n" * 28 + GERMAN * 8) == "de"


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        pytest.param(GERMAN, "en", "de", id="a declared language that is wrong"),
        pytest.param(CHINESE, "en", "zh", id="the language of a theme"),
        pytest.param(GERMAN, "de", "de", id="a declared language that is right"),
        pytest.param(DANISH, "no", "no", id="a declared language that is similar"),
        pytest.param("Der alte Hafen", "en", "en", id="a text that is too short for a contradiction"),
        pytest.param(f"{ENGLISH} {GERMAN}", "de", "de", id="one of two languages"),
        pytest.param(GERMAN, "gsw", "gsw", id="a language without a list of words"),
    ],
)
def test_a_declared_language_is_checked(text: str, declared: str, language: str) -> None:
    assert language_of(text, declared) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ירידה במחירים בשנים עשר אחוזים", "he"),
        ("বন্দর মাশুল কমাবে", "bn"),
        ("Порт зніжае зборы з першага ліпеня.", "ru"),
        ("خفض الرسوم", "ar"),
        ("शुल्क घटाया", "hi"),
        ("ወደብ ክፍያ ቀነሰ", "am"),
        ("東京", "zh"),
        ("ひらがな", "ja"),
        ("서울", "ko"),
        ("ทะเล", "th"),
    ],
)
def test_a_text_has_the_commonest_language_of_its_script_instead_of_one_with_another_script(
    text: str, language: str
) -> None:
    assert language_in_script(text, "en") == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("Лука снижава таксе", "sr", id="one of two scripts"),
        pytest.param("東京", "ja", id="a script of several languages"),
        pytest.param("Порт зніжае зборы", "tt", id="an unknown language"),
        pytest.param("NATO, OpenAI", "ja", id="Latin letters"),
        pytest.param("Лука of the harbour", "en", id="a word of another script"),
        pytest.param("Δ = α", "en", id="a formula"),
        pytest.param("123", "en", id="no letters"),
    ],
)
def test_a_language_that_may_be_written_in_the_script_stays(text: str, language: str) -> None:
    assert language_in_script(text, language) == language
