; What an installer of Ensconce does on the user's machine. Before this stand the app's own
; `!define`s; the macros that it names are in `files.nsh`, made for each app.

Unicode true
ManifestDPIAware true
ManifestSupportedOS all
RequestExecutionLevel user
SetCompressor /SOLID lzma
; The time of a file is when it was installed: packages give all files one time.
SetDateSave off
AllowSkipFiles off

!include MUI2.nsh
!include LogicLib.nsh
!include x64.nsh
!include "processes.nsh"
!include "files.nsh"

Name "${TITLE}" "${TITLE_IN_MENUS}"
BrandingText " "
OutFile "setup.exe"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
; Whoever has chosen a folder gets the next version there too.
InstallDirRegKey HKCU "${OWN_KEY}" "InstallLocation"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${DESCRIPTION}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "${LICENSE}"

!ifdef ICON
    !define MUI_ICON "${ICON}"
    !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!insertmacro END_COPIES ""
!insertmacro END_COPIES "un."

Function .onInit
    ${IfNot} ${FITTING_MACHINE}
        MessageBox MB_ICONSTOP "${TITLE} is for another kind of Windows: it needs ${MACHINE}." /SD IDOK
        SetErrorLevel 3
        Quit
    ${EndIf}
FunctionEnd

Section
    ; An older version, or the same, goes first: so nothing of it stays, wherever it was.
    ReadRegStr $R0 HKCU "${OWN_KEY}" "InstallLocation"
    ${If} $R0 != ""
    ${AndIf} ${FileExists} "$R0\uninstall.exe"
        ExecWait '"$R0\uninstall.exe" /S _?=$R0'
        Delete "$R0\uninstall.exe"
        RMDir "$R0"
    ${EndIf}
    Call EndCopies

    !insertmacro INSTALL_FILES
    SetOutPath "$INSTDIR"
    !ifdef SIGNED_UNINSTALLER
        File "/oname=uninstall.exe" "${SIGNED_UNINSTALLER}"
    !else
        WriteUninstaller "$INSTDIR\uninstall.exe"
    !endif
    CreateShortcut "$SMPROGRAMS\${SHORTCUT}.lnk" "$INSTDIR\${PROGRAM}" "" "$INSTDIR\${PICTURE}"

    WriteRegStr HKCU "${OWN_KEY}" "DisplayName" "${TITLE}"
    WriteRegStr HKCU "${OWN_KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${OWN_KEY}" "DisplayIcon" "$INSTDIR\${PICTURE}"
    WriteRegStr HKCU "${OWN_KEY}" "Publisher" "${PUBLISHER}"
    WriteRegStr HKCU "${OWN_KEY}" "URLInfoAbout" "${HOMEPAGE}"
    WriteRegStr HKCU "${OWN_KEY}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKCU "${OWN_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKCU "${OWN_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD HKCU "${OWN_KEY}" "EstimatedSize" ${KILOBYTES}
    WriteRegDWORD HKCU "${OWN_KEY}" "NoModify" 1
    WriteRegDWORD HKCU "${OWN_KEY}" "NoRepair" 1
    !insertmacro REGISTER
    Call TellDesktop
    Call OfferWebView
SectionEnd

; Its pages are shown by WebView2, which Windows 11 has, and some of Windows 10 have not.
Function OfferWebView
    !define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
    ReadRegStr $R0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW}" "pv"
    ${If} $R0 == ""
        ReadRegStr $R0 HKLM "SOFTWARE\${WEBVIEW}" "pv"
    ${EndIf}
    ${If} $R0 == ""
        ReadRegStr $R0 HKCU "Software\${WEBVIEW}" "pv"
    ${EndIf}
    ${If} $R0 == ""
        MessageBox MB_YESNO|MB_ICONEXCLAMATION \
            "${TITLE} needs Microsoft's WebView2, which this computer does not have. Fetch it now?" \
            /SD IDNO IDNO later
        ExecShell "open" "https://go.microsoft.com/fwlink/p/?LinkId=2124703"
        later:
    ${EndIf}
FunctionEnd

!macro TELL_DESKTOP UN
    Function ${UN}TellDesktop
        ; SHCNE_ASSOCCHANGED: kinds of files and icons are read again.
        System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
    FunctionEnd
!macroend
!insertmacro TELL_DESKTOP ""

!ifndef SIGNED_UNINSTALLER
    !insertmacro TELL_DESKTOP "un."

    Section "Uninstall"
        Call un.EndCopies
        !insertmacro UNREGISTER
        DeleteRegKey HKCU "${OWN_KEY}"
        Delete "$SMPROGRAMS\${SHORTCUT}.lnk"
        ; Each file by its name: what others have put there stays, and so do users' data elsewhere.
        SetOutPath "$TEMP"
        !insertmacro REMOVE_FILES
        Delete "$INSTDIR\uninstall.exe"
        RMDir "$INSTDIR"
        Call un.TellDesktop
    SectionEnd
!endif
