"""Names of months and weekdays in the large European languages, for days in words; and of Japanese weekdays.

Generated from Unicode CLDR 47 with Babel 2.19: wide and abbreviated names, in the form for dates and the form for use
alone, of English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian, Finnish, Polish,
Czech, Romanian, Hungarian, Turkish, Greek, Russian and Ukrainian. No name means two months in these languages.
"""

from __future__ import annotations

import unicodedata
from functools import cache

__all__ = ["is_weekday", "month_number"]

_MONTHS = (
    "ene enero gen gennaio ian ianuarie jan janeiro januar januari january janv janvier led leden ledna oca "
    "ocak sty styczen stycznia tammi tammikuu tammikuuta ιαν ιανουαριος ιανουαριου січ січень січня янв январь "
    "января",
    "feb febbraio febr febrero februar februari februarie february fev fevereiro fevr fevrier helmi helmikuu "
    "helmikuuta lut lutego luty sub subat uno unor unora φεβ φεβρουαριος φεβρουαριου лют лютии лютого февр "
    "февраль февраля",
    "bre brezen brezna maalis maaliskuu maaliskuuta maart mar marc marca march marcius marco mars mart martie "
    "marts marz marzec marzo mrt μαρ μαρτιος μαρτιου бер березень березня мар март марта",
    "abr abril apr april aprile aprilie aprilis avr avril dub duben dubna huhti huhtikuu huhtikuuta kwi "
    "kwiecien kwietnia nis nisan απρ απριλιος απριλιου апр апрель апреля квіт квітень квітня",
    "kve kveten kvetna mag maggio mai maio maj maja majus may mayis mayo mei touko toukokuu toukokuuta μαι "
    "μαιος μαιου маи мая трав травень травня",
    "cerven cervna cvn cze czerwca czerwiec giu giugno haz haziran iun iunie juin jun june junho juni junio "
    "junius kesa kesakuu kesakuuta ιουν ιουνιος ιουνιου июн июнь июня черв червень червня",
    "cervence cervenec cvc heina heinakuu heinakuuta iul iulie juil juillet jul julho juli julio julius july "
    "lip lipca lipiec lug luglio tem temmuz ιουλ ιουλιος ιουλιου июл июль июля лип липень липня",
    "ago agosto agu agustos aout aug august augusti augustus augusztus elo elokuu elokuuta sie sierpien "
    "sierpnia srp srpen srpna αυγ αυγουστος αυγουστου авг август августа серп серпень серпня",
    "eyl eylul sep sept september septembre septembrie septiembre set setembro settembre syys syyskuu "
    "syyskuuta szept szeptember wrz wrzesien wrzesnia zar zari σεπ σεπτεμβριος σεπτεμβριου вер вересень "
    "вересня сент сентябрь сентября",
    "eki ekim loka lokakuu lokakuuta oct october octobre octombrie octubre okt oktober ott ottobre out outubro "
    "paz pazdziernik pazdziernika rij rijen rijna οκτ οκτωβριος οκτωβριου жовт жовтень жовтня окт октябрь "
    "октября",
    "kas kasim lis listopad listopada listopadu marras marraskuu marraskuuta noiembrie nov november novembre "
    "novembro noviembre νοε νοεμβριος νοεμβριου лист листопад листопада нояб ноябрь ноября",
    "ara aralik dec december decembre decembrie des desember dez dezember dezembro dic dicembre diciembre gru "
    "grudnia grudzien joulu joulukuu joulukuuta pro prosince prosinec δεκ δεκεμβριος δεκεμβριου груд грудень "
    "грудня дек декабрь декабря",
)
"""The names of each month, folded, January first."""

_WEEKDAYS = (
    "car carsamba cmt cs csutortok ct ctvrtek cum cuma cumartesi czw czwartek di dienstag dim dimanche dinsdag "
    "do dom domenica domingo donderdag donnerstag dum duminica fr fre fredag freitag fri friday gio giovedi "
    "hetfo jeu jeudi joi jue jueves ke kedd keskiviikko keskiviikkona la lauantai lauantaina lor lordag lun "
    "lundi lunedi lunes luni lør lørdag ma maanantai maanantaina maandag man mandag mar mardi martedi martes "
    "marti mer mercoledi mercredi mi mie miercoles miercuri mittwoch mo mon monday montag ne nedele niedz "
    "niedziela ons onsdag pa patek paz pazar pazartesi pe pentek per perjantai perjantaina persembe piatek po "
    "pon pondeli poniedziałek pt pzt qua quarta-feira qui quinta-feira sa sab sabado sabato sal sali sam "
    "sambata samedi samstag sat saturday seg segunda-feira sex sexta-feira so sob sobota son sondag sonntag sr "
    "sroda st streda su sun sunday sunnuntai sunnuntaina sze szerda szo szombat søn søndag ter terca-feira thu "
    "thur thurs thursday ti tiistai tiistaina tir tirs tirsdag tis tisdag to tor tors torsdag torstai "
    "torstaina tue tues tuesday ut utery vasarnap ven vendredi venerdi vie viernes vin vineri vr vrijdag wed "
    "wednesday wo woensdag wt wtorek za zaterdag zo zondag δευ δευτερα κυρ κυριακη παρ παρασκευη πεμ πεμπτη "
    "σαβ σαββατο τετ τεταρτη τρι τριτη воскресенье вс вт вторник вівторок нд неділя пʼятниця пн понедельник "
    "понеділок пт пятница сб середа ср среда суббота субота четвер четверг чт"
)
_JAPANESE_WEEKDAYS = frozenset("月火水木金土日")


def month_number(word: str) -> int | None:
    """Return the number of the month that a word names, whatever its case and accents; ``None`` for other words."""
    return _months().get(_folded(word))


def is_weekday(word: str) -> bool:
    """Whether a word names a day of the week, whole or shortened."""
    folded = _folded(word)
    short = folded.removesuffix("日").removesuffix("曜")
    return folded in _weekdays() or short in _JAPANESE_WEEKDAYS or folded in _JAPANESE_WEEKDAYS


@cache
def _months() -> dict[str, int]:
    return {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(_WEEKDAYS.split())


def _folded(word: str) -> str:
    """Return a word in lower case without accents and the dots of an abbreviation."""
    if word.isascii():
        return word.lower().strip(".")
    decomposed = unicodedata.normalize("NFD", word.lower().strip("."))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace("ı", "i")
